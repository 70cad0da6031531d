"""The `least_latency` strategy: the lowest moving average of the time to the first token."""

from __future__ import annotations

from collections.abc import Sequence

from llm_gateway.domain.health_view import HealthView
from llm_gateway.domain.planned_target import PlannedTarget
from llm_gateway.domain.request_facts import RequestFacts


def least_latency(
    pool: Sequence[PlannedTarget], facts: RequestFacts, health: HealthView, count: int
) -> Sequence[PlannedTarget]:
    """A target never measured comes first, or it would never be measured; equals keep their order."""

    def latency(entry: PlannedTarget) -> float:
        measured = health.of(entry.id).latency_ms
        return -1.0 if measured is None else measured

    return sorted(pool, key=latency)[:count]
