"""Screening: the candidates that may be tried now, by what is known at this moment.

The checks, in this order: tried before in this request, denied by policy, over the caller's budgets,
unavailable. What is unknown (a price, a latency) excludes nobody and leaves no constraint.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from llm_gateway.domain.constraint import (
    AvailabilityConstraint,
    PerformanceBudgetConstraint,
    PolicyConstraint,
)
from llm_gateway.domain.errors import InvalidRequest
from llm_gateway.domain.exclusion import Exclusion
from llm_gateway.domain.health_view import HealthView
from llm_gateway.domain.planned_target import PlannedTarget
from llm_gateway.domain.pool import Pool
from llm_gateway.domain.request_facts import RequestFacts, RoutingHints
from llm_gateway.domain.strategies.least_cost import estimated_cost
from llm_gateway.domain.token_cost import budget, dollars
from llm_gateway.domain.verdict import AVAILABILITY_THRESHOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """The caller's limits: attodollars for one request, milliseconds to the first token."""

    cost: int | None = None
    latency_ms: int | None = None


NO_BUDGETS = Budgets()


def budgets_of(hints: RoutingHints) -> Budgets:
    """Raises InvalidRequest when `cost_budget` is no decimal number of USD."""
    if hints.cost_budget is None and hints.max_latency_ms is None:
        return NO_BUDGETS
    try:
        cost = None if hints.cost_budget is None else budget(hints.cost_budget)
    except ValueError as exc:
        raise InvalidRequest(f"cost_budget: {exc}", param="cost_budget") from exc
    return Budgets(cost=cost, latency_ms=hints.max_latency_ms)


def screen(
    pool: Pool,
    facts: RequestFacts,
    health: HealthView,
    tried: Mapping[str, str],
    budgets: Budgets,
) -> tuple[Pool, Sequence[Exclusion]]:
    """Those that may be tried, in the same order, and why each of the others may not."""
    known = health.targets
    # The usual case must not cost a call per candidate.
    if not tried and not health.denied and budgets is NO_BUDGETS:
        for state in map(known.get, pool.ids):
            if state is not None and not state.available:
                break
        else:
            return pool, ()
    left: list[PlannedTarget] = []
    exclusions: list[Exclusion] = []
    for entry in pool.entries:
        exclusion = (
            _tried(entry, tried)
            or _denied(entry, health)
            or _over_budget(entry, facts, health, budgets)
            or _unavailable(entry, health)
        )
        if exclusion is None:
            left.append(entry)
        else:
            exclusions.append(exclusion)
    return Pool(left), exclusions


def budget_constraints(
    entry: PlannedTarget, facts: RequestFacts, health: HealthView, budgets: Budgets
) -> Iterator[PerformanceBudgetConstraint]:
    """What each budget comes to for a target, for those that can be evaluated."""
    cost = None if budgets.cost is None else estimated_cost(entry, facts)
    if budgets.cost is not None and cost is not None:
        yield PerformanceBudgetConstraint(
            budget_type="cost_usd",
            limit=dollars(budgets.cost),
            current=dollars(cost),
            exceeded=cost > budgets.cost,
        )
    latency = None if budgets.latency_ms is None else health.of(entry.id).latency_ms
    if budgets.latency_ms is not None and latency is not None:
        yield PerformanceBudgetConstraint(
            budget_type="latency_ms",
            limit=budgets.latency_ms,
            current=latency,
            exceeded=latency > budgets.latency_ms,
        )


def _tried(entry: PlannedTarget, tried: Mapping[str, str]) -> Exclusion | None:
    if entry.id not in tried:
        return None
    return Exclusion(target=entry, cause="tried", reason=f"tried before: {tried[entry.id]}")


def _denied(entry: PlannedTarget, health: HealthView) -> Exclusion | None:
    verdict = health.denied.get(entry.id)
    if verdict is None:
        return None
    policy_id, reason = verdict
    return Exclusion(
        target=entry,
        cause="policy",
        reason=f"denied by {policy_id}: {reason}",
        subject=policy_id,
        constraint=PolicyConstraint(policy_id=policy_id, effect="deny"),
    )


def _over_budget(
    entry: PlannedTarget, facts: RequestFacts, health: HealthView, budgets: Budgets
) -> Exclusion | None:
    if budgets is NO_BUDGETS:
        return None
    for constraint in budget_constraints(entry, facts, health, budgets):
        if constraint.exceeded:
            reason = f"{constraint.budget_type} {constraint.current:g} is above {constraint.limit:g}"
            return Exclusion(target=entry, cause="budget", reason=reason, constraint=constraint)
    return None


def _unavailable(entry: PlannedTarget, health: HealthView) -> Exclusion | None:
    state = health.of(entry.id)
    if state.available:
        return None
    return Exclusion(
        target=entry,
        cause="unavailable",
        reason=state.reason or "unavailable",
        constraint=AvailabilityConstraint(
            provider_id=entry.profile.target.provider_id,
            health_score=0.0,
            threshold=AVAILABILITY_THRESHOLD,
        ),
    )
