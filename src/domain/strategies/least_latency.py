"""The `least_latency` strategy: the lowest moving average of the time to the first token."""

from __future__ import annotations

from collections.abc import Sequence

from llm_gateway.domain.health_view import HealthView
from llm_gateway.domain.planned_target import PlannedTarget
from llm_gateway.domain.pool import Pool
from llm_gateway.domain.request_facts import RequestFacts

_NEVER = -1.0


def least_latency(pool: Pool, facts: RequestFacts, health: HealthView, count: int) -> Sequence[PlannedTarget]:
    """A target never measured comes first, or it would never be measured; equals keep their order."""
    states = map(health.targets.get, pool.ids)
    latencies = [state.latency_ms if state is not None else None for state in states]
    return pool.lowest([_NEVER if ms is None else ms for ms in latencies], count)
