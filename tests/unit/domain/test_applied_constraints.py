"""Hints and constraints imply each other: what is recorded took effect, what took effect is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from llm_gateway.domain.applied_constraints import FALLBACK_ENABLED, OPTIMIZE_COST, PREFERRED
from llm_gateway.domain.constraint import PerformanceBudgetConstraint, ProviderConstraint
from llm_gateway.domain.decision import Decision
from llm_gateway.domain.health_view import HealthView
from llm_gateway.domain.request_facts import RequestFacts
from llm_gateway.domain.router import Router
from llm_gateway.domain.routing_snapshot import RoutingSnapshot
from tests.unit.domain.routing_cases import cases
from tests.unit.domain.routing_examples import decide, facts, provider

Decided = tuple[RequestFacts, RoutingSnapshot, HealthView, Decision]


def decided() -> Iterator[Decided]:
    """2,000 random cases."""
    for request, snapshot, health, after in cases(seed=11, snapshots=50, requests=40):
        yield request, snapshot, health, Router().decide(request, snapshot, health, after=after)


def reasons(decision: Decision, reason: str) -> set[str]:
    found = (c for c in decision.constraints if isinstance(c, ProviderConstraint))
    return {c.provider_id for c in found if c.reason == reason}


def budgets(decision: Decision, budget_type: str) -> list[PerformanceBudgetConstraint]:
    found = (c for c in decision.constraints if isinstance(c, PerformanceBudgetConstraint))
    return [c for c in found if c.budget_type == budget_type]


def test_excluded_providers_are_out_and_recorded_when_they_were_candidates() -> None:
    """Candidates that a rule had left out already count as the rule's."""
    for request, _, _, decision in decided():
        wanted = [c for c in decision.candidates if "names other" not in (c.excluded or "")]
        out = {c.target.provider_id for c in wanted} & set(request.hints.excluded_providers)
        assert reasons(decision, "excluded by the caller") == out
        assert decision.selected is None or decision.selected.provider_id not in out


def test_preferred_providers_are_in_front_and_recorded() -> None:
    """In the caller's order; all targets of others come behind them."""
    for request, _, _, decision in decided():
        targets = [decision.selected, *decision.fallback] if decision.selected else []
        preferred = request.hints.preferred_providers
        places = [preferred.index(t.provider_id) if t.provider_id in preferred else 99 for t in targets]
        assert all(one <= next_one for one, next_one in pairwise(places))
        assert reasons(decision, PREFERRED) == {t.provider_id for t in targets} & set(preferred)


def test_latency_tiers_are_kept_and_recorded() -> None:
    """For the selected target as kept, for those above as exceeded; unknown tiers are not held against."""
    for request, snapshot, _, decision in decided():
        limit, selected = request.hints.max_latency_tier, decision.selected
        held = budgets(decision, "latency_tier")
        assert all(c.limit == limit and c.exceeded == (c.current > c.limit) for c in held)
        if selected is not None:
            tier = snapshot.providers[selected.provider_id].latency_tier
            known = limit is not None and tier is not None
            assert [c.current for c in held if not c.exceeded] == ([tier] if known else [])


def test_latency_budgets_are_kept_and_recorded() -> None:
    """By the measured latency, where there is one."""
    for request, _, health, decision in decided():
        limit, selected = request.hints.max_latency_ms, decision.selected
        held = budgets(decision, "latency_ms")
        assert all(c.limit == limit and c.exceeded == (c.current > c.limit) for c in held)
        if selected is not None:
            measured = health.of(selected.id).latency_ms
            known = limit is not None and measured is not None
            assert [c.current for c in held if not c.exceeded] == ([measured] if known else [])


def test_cost_budgets_are_kept_and_recorded() -> None:
    """A constraint for the selected target exactly when its price is known, and never exceeded."""
    for request, snapshot, _, decision in decided():
        held = budgets(decision, "cost_usd")
        assert all(str(c.limit) == request.hints.cost_budget for c in held)
        priced = {e.profile.target for e in snapshot.plan(request).entries if e.profile.prices}
        expected = request.hints.cost_budget is not None and decision.selected in priced
        assert len([c for c in held if not c.exceeded]) == expected
        over = [c for c in decision.candidates if (c.excluded or "").startswith("cost_usd")]
        assert bool(over) == any(c.exceeded for c in held)


def test_optimising_cost_is_recorded_when_it_chose_the_strategy() -> None:
    """Without a known price it cannot have."""
    for request, _, _, decision in decided():
        if OPTIMIZE_COST in decision.constraints:
            assert request.hints.optimize_cost
            assert decision.strategy == "least_cost"
    unpriced = RoutingSnapshot.build(providers=[provider("a", "m")])
    decision = decide(unpriced, facts(optimize_cost=True))
    assert (decision.strategy, OPTIMIZE_COST in decision.constraints) == ("priority", False)


def test_a_fallback_wish_is_recorded_when_it_changes_something() -> None:
    """A wish for what is configured anyway is no constraint."""
    for request, snapshot, _, decision in decided():
        wish = request.hints.fallback_enabled
        changes = wish is not None and wish != snapshot.fallback.enabled
        assert (FALLBACK_ENABLED in decision.constraints) == changes
        if wish is False:
            assert decision.fallback == ()


def test_without_hints_nothing_of_the_caller_is_recorded() -> None:
    """Only that the model is supported and the target available."""
    decision = decide(RoutingSnapshot.build(providers=[provider("a", "m")]), facts())
    assert [constraint.type for constraint in decision.constraints] == ["model_support", "availability"]
