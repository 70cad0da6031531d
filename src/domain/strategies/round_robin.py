"""The `round_robin` strategy: one further with every request, weights aside."""

from __future__ import annotations

from collections.abc import Sequence

from llm_gateway.domain.health_view import HealthView
from llm_gateway.domain.planned_target import PlannedTarget
from llm_gateway.domain.pool import Pool
from llm_gateway.domain.request_facts import RequestFacts


def round_robin(pool: Pool, facts: RequestFacts, health: HealthView, count: int) -> Sequence[PlannedTarget]:
    """The counter is the health view's, so that a replay starts at the same place."""
    entries = pool.entries
    start = health.round_robin % len(entries)
    return (*entries[start:], *entries[:start])[:count]
