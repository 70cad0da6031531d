"""The `least_busy` strategy: the fewest requests in flight."""

from __future__ import annotations

from collections.abc import Sequence

from llm_gateway.domain.health_view import HealthView
from llm_gateway.domain.planned_target import PlannedTarget
from llm_gateway.domain.pool import Pool
from llm_gateway.domain.request_facts import RequestFacts


def least_busy(pool: Pool, facts: RequestFacts, health: HealthView, count: int) -> Sequence[PlannedTarget]:
    """Equals keep their order."""
    states = map(health.targets.get, pool.ids)
    return pool.lowest([0 if state is None else state.in_flight for state in states], count)
