"""The `least_cost` strategy: the lowest price of the estimated request."""

from __future__ import annotations

from collections.abc import Sequence

from llm_gateway.domain.health_view import HealthView
from llm_gateway.domain.planned_target import PlannedTarget
from llm_gateway.domain.pool import Pool
from llm_gateway.domain.request_facts import RequestFacts
from llm_gateway.domain.token_cost import output_estimate

_UNKNOWN = float("inf")


def least_cost(pool: Pool, facts: RequestFacts, health: HealthView, count: int) -> Sequence[PlannedTarget]:
    """A target without a known price comes last; equals keep their order."""
    sent, answered = facts.input_tokens, output_estimate(facts.input_tokens, facts.max_output_tokens)
    return pool.lowest([_UNKNOWN if p is None else p[0] * sent + p[1] * answered for p in pool.prices], count)


def estimated_cost(entry: PlannedTarget, facts: RequestFacts) -> int | None:
    """Attodollars, None when the price is unknown."""
    prices = entry.profile.prices
    if prices is None:
        return None
    sent, answered = facts.input_tokens, output_estimate(facts.input_tokens, facts.max_output_tokens)
    return prices[0] * sent + prices[1] * answered
