"""The constraints of a decision: those that were really evaluated, in the order of evaluation.

A hint appears exactly when it was honoured:
    excluded_providers   `provider` per candidate that it took away
    max_latency_tier     `performance_budget` latency_tier, per candidate taken away and for the selected
    cost_budget          `performance_budget` cost_usd, likewise, where the price is known
    max_latency_ms       `performance_budget` latency_ms, likewise, where a latency was measured
    preferred_providers  `provider` for each that stands in front in the result
    optimize_cost        `policy` hint:optimize_cost, when a price is known
    fallback_enabled     `policy` hint:fallback_enabled, when it differs from the configuration
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from llm_gateway.domain.constraint import (
    Constraint,
    ModelSupportConstraint,
    PerformanceBudgetConstraint,
    PolicyConstraint,
    ProviderConstraint,
    TenantConstraint,
)
from llm_gateway.domain.exclusion import Exclusion
from llm_gateway.domain.health_view import HealthView
from llm_gateway.domain.planned_target import PlannedTarget
from llm_gateway.domain.pool import Pool
from llm_gateway.domain.request_facts import RequestFacts
from llm_gateway.domain.routing_plan import RoutingPlan
from llm_gateway.domain.screening import Budgets, budget_constraints
from llm_gateway.domain.shortlist import Shortlist

OPTIMIZE_COST = PolicyConstraint(policy_id="hint:optimize_cost", effect="modify")
FALLBACK_ENABLED = PolicyConstraint(policy_id="hint:fallback_enabled", effect="modify")
PREFERRED = "preferred by the caller"


def evaluated(
    plan: RoutingPlan, short: Shortlist, exclusions: Sequence[Exclusion], facts: RequestFacts
) -> list[Constraint]:
    """Those of the filter: rules' tenants, models that a named provider lacks, what excluded whom."""
    constraints: list[Constraint] = [
        TenantConstraint(tenant_id=facts.tenant or "", constraint_type=f"rule:{name}", satisfied=True)
        for name in plan.tenant_rules
    ]
    constraints += [
        ModelSupportConstraint(model_id=model, provider_id=provider_id, supported=False)
        for provider_id, model in plan.unserved
    ]
    constraints += short.constraints
    found = [exclusion.constraint for exclusion in exclusions]
    constraints += dict.fromkeys(constraint for constraint in found if constraint is not None)
    return constraints


def of_policies(pool: Pool, health: HealthView) -> tuple[PolicyConstraint, ...]:
    """One for each policy that was asked about a candidate and let it stay, or could not be asked."""
    passed = health.passed
    if not passed:
        return ()
    return tuple(dict.fromkeys([each for target in pool.ids for each in passed.get(target, ())]))


def of_hints(
    ordered: Sequence[PlannedTarget], facts: RequestFacts, health: HealthView, budgets: Budgets
) -> Iterator[Constraint]:
    """Those of the caller's wishes that the result, the selected target first, satisfies."""
    hints = facts.hints
    selected = ordered[0]
    for provider_id in dict.fromkeys(entry.profile.target.provider_id for entry in ordered):
        if provider_id in hints.preferred_providers:
            yield ProviderConstraint(provider_id=provider_id, reason=PREFERRED)
    tier = selected.profile.provider.latency_tier
    if hints.max_latency_tier is not None and tier is not None:
        yield PerformanceBudgetConstraint(
            budget_type="latency_tier", limit=hints.max_latency_tier, current=tier, exceeded=False
        )
    yield from budget_constraints(selected, facts, health, budgets)
