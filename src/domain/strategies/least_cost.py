"""The `least_cost` strategy: the lowest price of the estimated request."""

from __future__ import annotations

from collections.abc import Sequence

from llm_gateway.domain.health_view import HealthView
from llm_gateway.domain.planned_target import PlannedTarget
from llm_gateway.domain.request_facts import RequestFacts
from llm_gateway.domain.token_cost import estimate


def least_cost(
    pool: Sequence[PlannedTarget], facts: RequestFacts, health: HealthView, count: int
) -> Sequence[PlannedTarget]:
    """A target without a known price comes last; equals keep their order."""
    return sorted(pool, key=lambda entry: _key(entry, facts))[:count]


def estimated_cost(entry: PlannedTarget, facts: RequestFacts) -> int | None:
    """Attodollars, None when the price is unknown."""
    prices = entry.profile.prices
    if prices is None:
        return None
    return estimate(*prices, facts.input_tokens, facts.max_output_tokens)


def _key(entry: PlannedTarget, facts: RequestFacts) -> tuple[bool, int]:
    cost = estimated_cost(entry, facts)
    return cost is None, cost or 0
