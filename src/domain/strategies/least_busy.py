"""The `least_busy` strategy: the fewest requests in flight."""

from __future__ import annotations

from collections.abc import Sequence

from llm_gateway.domain.health_view import HealthView
from llm_gateway.domain.planned_target import PlannedTarget
from llm_gateway.domain.request_facts import RequestFacts


def least_busy(
    pool: Sequence[PlannedTarget], facts: RequestFacts, health: HealthView, count: int
) -> Sequence[PlannedTarget]:
    """Equals keep their order."""
    return sorted(pool, key=lambda entry: health.of(entry.id).in_flight)[:count]
