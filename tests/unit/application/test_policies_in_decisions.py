"""Verdicts as inputs of decisions: recorded, replayed to the same bytes, the same in every fallback."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from llm_gateway.adapters.decision_log.chain import Chain
from llm_gateway.application.chat_failed import ChatFailed
from llm_gateway.application.ports.routing_constraints import ConstraintsUnavailable
from llm_gateway.application.replay_decision import ReplayDecision
from llm_gateway.domain.errors import PolicyDenied
from llm_gateway.domain.policy_verdict import PolicyVerdict, denial
from llm_gateway.domain.retry_policy import RetryPolicy
from tests.fakes.answer_channel import FakeAnswerChannel
from tests.fakes.routing_constraints import ALLOW, DOWN, FakeRoutingConstraints
from tests.fakes.snapshot_archive import FakeSnapshotArchive
from tests.fakes.upstream_transport import ScriptedAnswer
from tests.samples.chat_scene import BODY, ChatScene, status

OK = ScriptedAnswer(chunks=(BODY,))


def records(scene: ChatScene) -> list[dict[str, Any]]:
    chain = Chain()
    return [json.loads(chain.seal(record)) for record in scene.log.records]


def policies(record: dict[str, Any]) -> list[tuple[str, str]]:
    found = [item for item in record["constraints_applied"] if item["type"] == "policy"]
    return [(item["policy_id"], item["effect"]) for item in found]


def assert_replays(scene: ChatScene) -> None:
    archive = FakeSnapshotArchive()
    snapshot = scene.snapshots.current()
    archive.save(snapshot.hash, snapshot.document())
    replay = ReplayDecision(archive)
    for record in records(scene):
        report = replay(record)
        assert report.exact, [str(difference) for difference in report.differences]


async def test_an_allow_is_recorded_with_what_it_allowed() -> None:
    """A constraint, because it was evaluated, and an input, so that replay knows it."""
    scene = ChatScene(OK, peers=(FakeRoutingConstraints(),))
    await scene.ask()
    (record,) = records(scene)
    assert policies(record) == [("fake", "allow")]
    assert record["replay"]["passed"] == [["one/m", "fake", "allow"], ["two/m", "fake", "allow"]]
    assert_replays(scene)


async def test_without_a_peer_no_record_has_a_word_of_policies() -> None:
    """The same bytes as before there were any."""
    scene = ChatScene(OK)
    await scene.ask()
    (record,) = records(scene)
    assert (policies(record), "passed" in record["replay"]) == ([], False)
    assert_replays(scene)


async def test_a_denied_prompt_is_403_and_a_reject_event() -> None:
    """Nothing is called; the client gets the policy's id and reason."""
    peer = FakeRoutingConstraints(lambda _: denial("fake", "no-pii", "holds a name"), looks_at="prompt")
    scene = ChatScene(peers=(peer,))
    with pytest.raises(ChatFailed) as caught:
        await scene.ask()
    assert isinstance(caught.value.error, PolicyDenied)
    assert caught.value.error.message == "denied by fake:no-pii: holds a name"
    assert (scene.events, scene.outcomes) == (["route_reject"], [])
    assert policies(records(scene)[0]) == [("fake:no-pii", "deny")]
    assert_replays(scene)


async def test_failing_open_is_a_skip_in_the_record() -> None:
    """Not an allow: nobody allowed anything."""
    scene = ChatScene(OK, peers=(FakeRoutingConstraints(lambda _: replace(ALLOW, effect="skip")),))
    await scene.ask()
    assert policies(records(scene)[0]) == [("fake", "skip")]
    assert_replays(scene)


async def test_failing_closed_is_a_denial() -> None:
    """By no policy, as its id says."""
    scene = ChatScene(peers=(FakeRoutingConstraints(lambda _: DOWN),))
    with pytest.raises(ChatFailed) as caught:
        await scene.ask()
    assert caught.value.error.message == "denied by fake:fail_closed: fake gave no verdict (refused)"
    assert_replays(scene)


async def test_fallbacks_go_by_the_verdicts_of_the_first_decision() -> None:
    """Whatever the peer would say by then; each decision records them."""
    peer = FakeRoutingConstraints()
    scene = ChatScene(status(503), OK, peers=(peer,), retry=RetryPolicy(max_attempts=1))
    await scene.ask()
    first, second = records(scene)
    assert scene.outcomes == ["one rejected", "two completed"]
    assert first["replay"]["passed"] == second["replay"]["passed"]
    assert policies(first) == policies(second) == [("fake", "allow")]
    assert len(peer.asked) == 1
    assert_replays(scene)


async def test_decisions_that_differ_in_verdicts_alone_are_not_mixed_up() -> None:
    """An equal decision is made once and shared: what policies say is part of being equal."""
    peer = FakeRoutingConstraints()
    scene = ChatScene(OK, OK, OK, peers=(peer,))
    await scene.ask()
    peer.judgement = lambda _: PolicyVerdict(policy_id="fake:other", effect="allow")
    scene.clock.advance(1000)
    scene.channel = FakeAnswerChannel()
    await scene.ask()
    peer.judgement = lambda _: ConstraintsUnavailable("too_long", "x")
    scene.clock.advance(1000)
    scene.channel = FakeAnswerChannel()
    with pytest.raises(ChatFailed):
        await scene.ask()
    assert [policies(record) for record in records(scene)] == [
        [("fake", "allow")],
        [("fake:other", "allow")],
        [("fake:fail_closed", "deny")],
    ]
    assert_replays(scene)


async def test_the_time_that_a_peer_takes_is_a_wait() -> None:
    """Not the gateway's own share of the request, nor the router's."""
    scene = ChatScene(OK, peers=(peer := FakeRoutingConstraints(),))
    peer.judgement = lambda _: (scene.clock.advance(0.25), ALLOW)[1]
    await scene.ask()
    (told,) = scene.observer.records
    assert (told.waited_ms, told.decide_ms) == (pytest.approx(250.0), 0.0)
