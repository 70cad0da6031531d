"""ExplainDecision: a stored decision with its reasons, worked out again."""

from __future__ import annotations

import pytest

from llm_gateway.application.explain_decision import ExplainDecision
from llm_gateway.application.replay_decision import ReplayDecision
from llm_gateway.application.route_inference import RouteInference
from llm_gateway.application.service_identity import ServiceIdentity
from llm_gateway.domain.decision_event import EVENT_FIELDS
from llm_gateway.domain.errors import NotFound
from llm_gateway.domain.health_view import HealthView, TargetHealth
from llm_gateway.domain.provider import Model, Provider
from llm_gateway.domain.request_facts import RequestFacts
from llm_gateway.domain.routing_snapshot import RoutingSnapshot
from tests.fakes.clock import FakeClock
from tests.fakes.current_snapshot import FakeCurrentSnapshot
from tests.fakes.decision_log import FakeDecisionLog
from tests.fakes.health_source import FakeHealthSource
from tests.fakes.identifiers import FakeIdentifiers
from tests.fakes.snapshot_archive import FakeSnapshotArchive

SNAPSHOT = RoutingSnapshot.build(
    providers=[
        Provider(id=name, type="openai", dialect="openai.chat", models=(Model(name="gpt-4o"),))
        for name in ("openai", "azure")
    ]
)
DOWN = TargetHealth(breaker="open", available=False, reason="breaker open", score=0.0)


@pytest.fixture
def log() -> FakeDecisionLog:
    return FakeDecisionLog()


@pytest.fixture
def decision_id(log: FakeDecisionLog) -> str:
    route = RouteInference(
        snapshots=FakeCurrentSnapshot(SNAPSHOT),
        health=FakeHealthSource(HealthView(targets={"openai/gpt-4o": DOWN})),
        log=log,
        clock=FakeClock(),
        identifiers=FakeIdentifiers(),
        identity=ServiceIdentity(agent_version="0.1.0"),
    )
    return route(RequestFacts(model="gpt-4o"), request_id="r").decision_id


@pytest.fixture
def archive() -> FakeSnapshotArchive:
    archive = FakeSnapshotArchive()
    archive.save(SNAPSHOT.hash, SNAPSHOT.document())
    return archive


def test_every_candidate_has_its_reason(
    log: FakeDecisionLog, archive: FakeSnapshotArchive, decision_id: str
) -> None:
    """The one that was left out says why, and the replay was exact."""
    document = ExplainDecision(log, ReplayDecision(archive))(decision_id).document()
    verdicts = {one["target"]: one["verdict"] for one in document["explanation"]["candidates"]}
    reasons = {one["target"]: one["reason"] for one in document["explanation"]["candidates"]}
    assert verdicts == {"openai/gpt-4o": "excluded", "azure/gpt-4o": "selected"}
    assert "breaker open" in reasons["openai/gpt-4o"]
    assert document["exact"] is True


def test_the_event_is_shown_without_the_records_own_fields(
    log: FakeDecisionLog, archive: FakeSnapshotArchive, decision_id: str
) -> None:
    """Exactly the contract's names."""
    document = ExplainDecision(log, ReplayDecision(archive))(decision_id).document()
    assert tuple(document["decision_event"]) == EVENT_FIELDS


def test_without_its_snapshot_the_event_is_still_shown(log: FakeDecisionLog, decision_id: str) -> None:
    """No explanation is better than a guessed one."""
    explained = ExplainDecision(log, ReplayDecision(FakeSnapshotArchive()))(decision_id)
    assert (explained.explanation, explained.exact) == (None, None)
    assert explained.document()["decision_event"]["execution_ref"] == decision_id


def test_an_unknown_decision_is_not_found(log: FakeDecisionLog, archive: FakeSnapshotArchive) -> None:
    """It never was, or has left the local log."""
    with pytest.raises(NotFound, match="no-such-decision"):
        ExplainDecision(log, ReplayDecision(archive))("no-such-decision")
