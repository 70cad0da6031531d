"""Router: picks provider and model for a request, purely from facts, snapshot and health.

The five steps of behaviour.md §1: resolve and match (RoutingPlan), filter (Shortlist by the request,
screening by the moment), order (strategies), confidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llm_gateway.domain.applied_constraints import (
    FALLBACK_ENABLED,
    OPTIMIZE_COST,
    evaluated,
    of_hints,
    of_policies,
)
from llm_gateway.domain.confidence import NO_CONFIDENCE
from llm_gateway.domain.constraint import Constraint
from llm_gateway.domain.decision import Decision, RoutingStep
from llm_gateway.domain.exclusion import Exclusion
from llm_gateway.domain.health_view import HealthView
from llm_gateway.domain.planned_target import PlannedTarget
from llm_gateway.domain.pool import Pool
from llm_gateway.domain.rejection import all_excluded, nothing_configured, unknown_model
from llm_gateway.domain.request_facts import NO_HINTS, RequestFacts
from llm_gateway.domain.routing_plan import RoutingPlan
from llm_gateway.domain.routing_snapshot import Fallback, RoutingSnapshot
from llm_gateway.domain.screening import budgets_of, screen
from llm_gateway.domain.shortlist import Shortlist, filter_step, with_exclusions
from llm_gateway.domain.strategies import ORDERINGS
from llm_gateway.domain.strategy import Strategy
from llm_gateway.domain.target import Target

_FEW = 8


class Router:
    """Stateless; every process and every Python version decides alike."""

    __slots__ = ()

    def decide(
        self,
        facts: RequestFacts,
        snapshot: RoutingSnapshot,
        health: HealthView,
        *,
        after: Sequence[tuple[Target, str]] = (),
    ) -> Decision:
        """Never raises for want of a target: that is a decision with a rejection.

        `after` are the targets already tried in this request, each with the reason why it did not do;
        given, the decision is a fallback that leaves them out, and there is none when fallback is off or
        its `max_targets` are used up. Raises InvalidRequest when the hint `cost_budget` is no amount of
        money.
        """
        plan = snapshot.plan(facts)
        short = snapshot.shortlist(plan, facts)
        budgets = budgets_of(facts.hints)
        tried = {target.id: reason for target, reason in after}
        left, exclusions = screen(short.pool, facts, health, tried, budgets)
        if left is short.pool and left.entries and facts.hints is NO_HINTS:
            return _usual(plan, short, facts, snapshot, health)
        constraints = evaluated(plan, short, exclusions, facts)
        constraints.extend(of_policies(short.pool, health))
        further = _further_targets(snapshot.fallback, facts, constraints, len(tried))
        if further < 0:
            left, exclusions = Pool(()), (*exclusions, *_used_up(left.entries))
        case = _Case(plan, short, left, exclusions, constraints, after)
        if not left.entries:
            return _reject(case, facts, snapshot, health)
        strategy = plan.strategy
        if facts.hints.optimize_cost and any(left.prices):
            strategy = "least_cost"
            constraints.append(OPTIMIZE_COST)
        ordered = _order(strategy, left, facts, health, 1 + further)
        if facts.hints is not NO_HINTS:
            constraints.extend(of_hints(ordered, facts, health, budgets))
        return _select(case, facts, health, strategy, ordered)


def _usual(
    plan: RoutingPlan, short: Shortlist, facts: RequestFacts, snapshot: RoutingSnapshot, health: HealthView
) -> Decision:
    """A first decision whose caller wishes nothing and whose candidates are all available.

    What it comes to then follows from the plan, the order, the tenant and the selected target's score, so it
    is made once and shared, one for what policies say of the candidates. Where there are many orders to
    come across, none comes back soon enough.
    """
    fallback = snapshot.fallback
    pool, strategy = short.pool, plan.strategy
    ordered = ORDERINGS[strategy](pool, facts, health, 1 + (fallback.max_targets if fallback.enabled else 0))
    policies = of_policies(pool, health)
    if len(pool.ids) > _FEW:
        case = _Case(plan, short, pool, (), [*evaluated(plan, short, (), facts), *policies], ())
        return _select(case, facts, health, strategy, ordered)
    key = (facts.tenant, health.of(ordered[0].id).score, policies, *[entry.id for entry in ordered])
    known = short.decisions.get(key)
    if known is not None:
        return known
    case = _Case(plan, short, pool, (), [*evaluated(plan, short, (), facts), *policies], ())
    return short.decisions.keep(key, _select(case, facts, health, strategy, ordered))


@dataclass(slots=True)
class _Case:
    """One request on its way through `decide`, after the filter."""

    plan: RoutingPlan
    short: Shortlist
    left: Pool
    exclusions: Sequence[Exclusion]
    constraints: list[Constraint]
    after: Sequence[tuple[Target, str]]

    def steps(self) -> tuple[RoutingStep, ...]:
        step = self.short.step
        if self.exclusions:
            step = filter_step(len(self.left.entries), len(self.short.candidates))
        if not self.after:
            return (*self.plan.steps, step)
        tried = "; ".join(f"{target.id}: {reason}" for target, reason in self.after)
        fallback = RoutingStep(phase="fallback", action="fallback", details=f"after {tried}")
        return (*self.plan.steps, fallback, step)


def _further_targets(
    fallback: Fallback, facts: RequestFacts, constraints: list[Constraint], tried: int
) -> int:
    """How many targets may follow the one that is to be selected; negative: not even that one."""
    enabled = fallback.enabled
    wish = facts.hints.fallback_enabled
    if wish is not None and wish != enabled:
        enabled = wish
        constraints.append(FALLBACK_ENABLED)
    return (fallback.max_targets if enabled else 0) - tried


def _used_up(left: Sequence[PlannedTarget]) -> list[Exclusion]:
    reason = "fallback is off, or its max_targets are used up"
    return [Exclusion(target=entry, cause="limit", reason=reason) for entry in left]


def _select(
    case: _Case,
    facts: RequestFacts,
    health: HealthView,
    strategy: Strategy,
    ordered: Sequence[PlannedTarget],
) -> Decision:
    selected = ordered[0]
    target = selected.profile.target
    verdict = case.short.verdict(selected, strategy, health.of(selected.id).score)
    return Decision(
        decision_type="route_fallback" if case.after else "route_select",
        selected=target,
        fallback=tuple([entry.profile.target for entry in ordered[1:]]),
        strategy=strategy,
        matched_rules=case.plan.matched_rules,
        constraints=(*case.constraints, *verdict.constraints),
        candidates=with_exclusions(case.short.candidates, case.exclusions),
        steps=(*case.steps(), *verdict.steps),
        confidence=verdict.confidence,
        model_transformed=target.model != case.plan.asked,
        add_headers=case.plan.add_headers,
        dropped_parameters=_dropped(selected, facts),
    )


def _reject(case: _Case, facts: RequestFacts, snapshot: RoutingSnapshot, health: HealthView) -> Decision:
    exclusions = (*case.short.exclusions, *case.exclusions)
    if case.short.candidates:
        rejection = all_excluded(facts, exclusions, case.plan.left_out, health)
    elif not snapshot.providers:
        rejection = nothing_configured()
    else:
        rejection = unknown_model(facts, case.plan.unserved)
    return Decision(
        decision_type="route_reject",
        selected=None,
        fallback=(),
        strategy=case.plan.strategy,
        matched_rules=case.plan.matched_rules,
        constraints=tuple(case.constraints),
        candidates=with_exclusions(case.short.candidates, case.exclusions),
        steps=(
            *case.steps(),
            RoutingStep(phase="order", action="finalize", details=rejection.message),
        ),
        confidence=NO_CONFIDENCE,
        model_transformed=False,
        rejection=rejection,
    )


def _dropped(selected: PlannedTarget, facts: RequestFacts) -> tuple[str, ...]:
    if not facts.parameters:
        return ()
    provider = selected.profile.provider
    return tuple(sorted(facts.parameters & provider.unsupported_parameters & provider.droppable_parameters))


def _order(
    strategy: Strategy,
    left: Pool,
    facts: RequestFacts,
    health: HealthView,
    count: int,
) -> Sequence[PlannedTarget]:
    """By the strategy, with the caller's preferred providers in front, in the caller's order."""
    preferred = facts.hints.preferred_providers
    if not preferred:
        return ORDERINGS[strategy](left, facts, health, count)
    ordered = ORDERINGS[strategy](left, facts, health, len(left.entries))
    place = {provider_id: index for index, provider_id in reversed(list(enumerate(preferred)))}
    last = len(preferred)
    return sorted(ordered, key=lambda e: place.get(e.profile.target.provider_id, last))[:count]
