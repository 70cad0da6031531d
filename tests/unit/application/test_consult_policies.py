"""ConsultPolicies: which questions a request makes, and what its answers come to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llm_gateway.application.consult_policies import Consulted, ConsultPolicies
from llm_gateway.application.ports.routing_constraints import PolicyQuestion
from llm_gateway.application.standing_verdicts import PolicyTerms, StandingVerdicts
from llm_gateway.domain.constraint import PolicyConstraint
from llm_gateway.domain.policy_verdict import NO_VERDICTS, denial
from llm_gateway.domain.principal import Principal
from llm_gateway.domain.provider import Model, Provider
from llm_gateway.domain.request_facts import RequestFacts
from llm_gateway.domain.routing_snapshot import RoutingSnapshot
from tests.fakes.clock import FakeClock
from tests.fakes.current_snapshot import FakeCurrentSnapshot
from tests.fakes.hub_request import FakeHubRequest
from tests.fakes.policy_observer import FakePolicyObserver
from tests.fakes.routing_constraints import FakeRoutingConstraints

ALLOWED = PolicyConstraint(policy_id="fake", effect="allow")
CHAT = FakeHubRequest(
    {"model": "m", "temperature": 0.5, "messages": [{"role": "user", "content": "an attack"}]}
)


def provider(id: str, type: str, **model: Any) -> Provider:
    return Provider(id=id, type=type, dialect="openai.chat", models=(Model(name="m", **model),))


SNAPSHOT = RoutingSnapshot.build(
    providers=[
        provider("a", "openai", max_output_tokens=500),
        provider("b", "openai", max_output_tokens=500),
        provider("c", "anthropic", context_window=9000),
        provider("d", "google"),
    ]
)


class Scene:
    def __init__(self, *peers: FakeRoutingConstraints, snapshot: RoutingSnapshot = SNAPSHOT) -> None:
        self.clock = FakeClock()
        observer = FakePolicyObserver()
        standing = [
            StandingVerdicts(peer, PolicyTerms(timeout=5.0), clock=self.clock, observer=observer)
            for peer in peers
        ]
        self.snapshots = FakeCurrentSnapshot(snapshot)
        self.consult = ConsultPolicies(standing, snapshots=self.snapshots, clock=self.clock)

    async def ask(self, hub: FakeHubRequest | None = None, **facts: Any) -> Consulted:
        caller = Principal(id="key")
        return await self.consult(RequestFacts(model="m", **facts), caller=caller, request_id="r", hub=hub)


def limits(asked: Sequence[PolicyQuestion]) -> dict[str, int | None]:
    return {question.provider_type: question.max_tokens for question in asked}


async def test_one_question_for_accounts_of_one_type() -> None:
    """The verdict is on each of them."""
    peer = FakeRoutingConstraints()
    consulted = await Scene(peer).ask()
    assert [question.provider_type for question in peer.asked] == ["openai", "anthropic", "google"]
    assert consulted.verdicts.passed == {f"{name}/m": (ALLOWED,) for name in "abcd"}


async def test_the_limit_is_the_most_that_an_answer_can_have() -> None:
    """The model's, else its window, else nobody knows; the client's own goes before them all."""
    peer = FakeRoutingConstraints()
    await Scene(peer).ask()
    assert limits(peer.asked) == {"openai": 500, "anthropic": 9000, "google": None}
    peer = FakeRoutingConstraints()
    await Scene(peer).ask(max_output_tokens=7)
    assert set(limits(peer.asked).values()) == {7}


async def test_only_candidates_that_can_serve_the_request_are_asked_about() -> None:
    """A model that nobody has is no question at all."""
    peer = FakeRoutingConstraints()
    await Scene(peer).ask(input_tokens=8_999, max_output_tokens=2)
    assert "anthropic" not in limits(peer.asked)
    consulted = await Scene(peer).consult(
        RequestFacts(model="unheard-of"), caller=Principal(id="key"), request_id="r"
    )
    assert consulted.verdicts == NO_VERDICTS


async def test_what_is_known_is_the_same_object_without_a_wait() -> None:
    """The usual request makes nothing new; a coroutine that never suspends ends at its first step."""
    scene = Scene(peer := FakeRoutingConstraints())
    first = await scene.ask()
    try:
        scene.ask().send(None)
    except StopIteration as ended:
        assert ended.value is first
    assert len(peer.asked) == 3


async def test_another_caller_is_another_question() -> None:
    """Or another tenant, limit or temperature."""
    scene = Scene(peer := FakeRoutingConstraints())
    await scene.ask()
    await scene.ask(tenant="acme")
    assert [question.tenant for question in peer.asked] == [None] * 3 + ["acme"] * 3
    assert (await scene.ask(CHAT)).verdicts.passed and peer.asked[-1].temperature is None


async def test_the_prompt_goes_to_nobody_when_no_target_is_left() -> None:
    """Targets are judged before it."""
    engine = FakeRoutingConstraints(lambda _: denial("fake", "no", "no"))
    scanner = FakeRoutingConstraints(looks_at="prompt", name="scanner")
    consulted = await Scene(scanner, engine).ask(CHAT)
    assert (consulted.verdicts.denied.keys(), scanner.asked) == ({f"{name}/m" for name in "abcd"}, [])


async def test_a_denied_prompt_denies_every_target() -> None:
    """What was allowed before stays on record."""
    scanner = FakeRoutingConstraints(
        lambda question: denial("scanner", "", "bad") if "attack" in question.prompt.text else ALLOWED,  # type: ignore[union-attr, return-value]
        looks_at="prompt",
        name="scanner",
    )
    verdicts = (await Scene(FakeRoutingConstraints(), scanner).ask(CHAT)).verdicts
    assert verdicts.denied == {f"{name}/m": ("scanner", "bad") for name in "abcd"}
    assert verdicts.passed == {f"{name}/m": (ALLOWED,) for name in "abcd"}
    assert len(scanner.asked) == 1


async def test_a_route_request_without_messages_is_not_scanned() -> None:
    """Nothing was judged, so nothing is said."""
    scanner = FakeRoutingConstraints(looks_at="prompt")
    assert ((await Scene(scanner).ask()).verdicts, scanner.asked) == (NO_VERDICTS, [])


async def test_new_terms_hold_for_the_next_question() -> None:
    """A reload; the verdicts that stand keep their time."""
    scene = Scene(FakeRoutingConstraints(lambda _: [][0]))  # type: ignore[return-value]
    scene.consult.revise(PolicyTerms(on_failure="closed"))
    assert set((await scene.ask()).verdicts.denied.values()) == {
        ("fake:fail_closed", "fake gave no verdict (its adapter failed)")
    }


async def test_a_reload_lets_go_of_the_targets_of_before() -> None:
    """The verdicts stay: nobody is asked again."""
    scene = Scene(peer := FakeRoutingConstraints())
    before = await scene.ask()
    scene.consult.revise(PolicyTerms())
    after = await scene.ask()
    assert (after == before, after is before, len(peer.asked)) == (True, False, 3)


async def test_closing_closes_every_peer() -> None:
    """With what is still being asked."""
    peers = FakeRoutingConstraints(), FakeRoutingConstraints(looks_at="prompt")
    await Scene(*peers).consult.aclose()
    assert all(peer.closed for peer in peers)
