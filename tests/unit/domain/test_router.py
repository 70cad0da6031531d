"""Router.decide: order, fallback, steps."""

from __future__ import annotations

from typing import Any

import pytest

from llm_gateway.domain.health_view import HealthView, TargetHealth
from llm_gateway.domain.routing_snapshot import Fallback, RoutingSnapshot
from llm_gateway.domain.strategy import STRATEGIES, Strategy
from tests.unit.domain.routing_examples import decide, excluded, facts, order, provider

ABCDE = [provider(id, "m") for id in "abcde"]
OPEN = TargetHealth(available=False, reason="open")


def snapshot(**fields: Any) -> RoutingSnapshot:
    return RoutingSnapshot.build(providers=ABCDE, **fields)


def test_the_first_is_selected_and_the_next_are_the_fallback_list() -> None:
    """As many as max_targets."""
    decision = decide(snapshot(fallback=Fallback(max_targets=2)))
    assert decision.decision_type == "route_select"
    assert order(decision) == ["a/m", "b/m", "c/m"]
    assert decision.rejection is None


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_passes_over_what_is_unavailable(strategy: Strategy) -> None:
    """Whatever it would have preferred."""
    health = HealthView(targets={"a/m": OPEN, "c/m": OPEN})
    decision = decide(snapshot(strategy=strategy), facts(affinity_key="k"), health)
    assert sorted(order(decision)) == ["b/m", "d/m", "e/m"]
    assert excluded(decision) == {"a/m": "open", "c/m": "open"}
    assert decision.strategy == strategy


def test_an_unavailable_target_moves_only_its_own_share() -> None:
    """R2 at the level of decisions: keys of other targets stay where they are."""
    routing = snapshot(strategy="weighted")
    sick = HealthView(targets={"c/m": OPEN})
    for n in range(200):
        before = order(decide(routing, facts(affinity_key=f"k{n}")))[0]
        after = order(decide(routing, facts(affinity_key=f"k{n}"), sick))[0]
        assert after == before or before == "c/m"


def test_the_weighted_fallback_list_is_the_order_without_the_first() -> None:
    """One score orders all: falling back goes where the next decision would go."""
    routing = snapshot(strategy="weighted")
    for n in range(50):
        first, *rest = order(decide(routing, facts(affinity_key=f"k{n}")))
        after = decide(routing, facts(affinity_key=f"k{n}"), after=[(first, "rejected 503")])
        assert order(after)[:2] == rest[:2]


def test_after_a_failure_the_decision_is_a_fallback_without_the_tried() -> None:
    """The fallback list shrinks: at most max_targets follow the very first."""
    decision = decide(snapshot(), after=[("a/m", "rejected 503"), ("b/m", "not_sent")])
    assert decision.decision_type == "route_fallback"
    assert order(decision) == ["c/m", "d/m"]
    assert excluded(decision) == {
        "a/m": "tried before: rejected 503",
        "b/m": "tried before: not_sent",
    }
    assert decision.steps[2].action == "fallback"


def test_when_the_fallback_targets_are_used_up_the_decision_rejects() -> None:
    """Targets are left, but not for this request."""
    decision = decide(snapshot(fallback=Fallback(max_targets=1)), after=[("a/m", "x"), ("b/m", "y")])
    assert decision.decision_type == "route_reject"
    assert decision.rejection is not None
    assert decision.rejection.code == "no_healthy_providers"
    assert "c/m: fallback is off, or its max_targets are used up" in decision.rejection.message


@pytest.mark.parametrize("wish", [None, True, False])
@pytest.mark.parametrize("configured", [True, False])
def test_fallback_is_the_callers_wish_or_else_the_configurations(configured: bool, wish: bool | None) -> None:
    """Off means no fallback list, and a rejection after a failure."""
    routing = snapshot(fallback=Fallback(enabled=configured))
    request = facts(fallback_enabled=wish)
    on = configured if wish is None else wish
    assert len(order(decide(routing, request))) == (4 if on else 1)
    after = decide(routing, request, after=[("a/m", "rejected 503")])
    assert after.decision_type == ("route_fallback" if on else "route_reject")


def test_preferred_providers_go_first_in_the_callers_order() -> None:
    """Behind them the strategy goes on; one that is no candidate is ignored."""
    decision = decide(snapshot(), facts(preferred_providers=("d", "nobody", "b")))
    assert order(decision) == ["d/m", "b/m", "a/m", "c/m"]


def test_a_preferred_provider_that_is_down_is_not_waited_for() -> None:
    """Preference is no demand."""
    health = HealthView(targets={"d/m": OPEN})
    assert order(decide(snapshot(), facts(preferred_providers=("d",)), health))[0] == "a/m"


def test_each_step_leaves_its_trace() -> None:
    """Resolve, match, filter, order, confidence."""
    steps = decide(snapshot(), health=HealthView(targets={"a/m": OPEN})).steps
    assert [step.phase for step in steps] == ["resolve", "match", "filter", "order", "confidence"]
    assert steps[2].details == "4 of 5 candidates left"
    assert steps[3].details == "priority puts b/m first"


def test_candidates_are_all_that_were_considered_in_the_order_of_preference() -> None:
    """Those in reserve without a reason, those left out with theirs."""
    decision = decide(snapshot(), facts(excluded_providers=("b",)), HealthView(targets={"c/m": OPEN}))
    assert [(c.target.provider_id, c.excluded) for c in decision.candidates] == [
        ("a", None),
        ("b", "excluded by the caller"),
        ("c", "open"),
        ("d", None),
        ("e", None),
    ]
