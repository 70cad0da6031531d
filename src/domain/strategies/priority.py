"""The `priority` strategy: the order given."""

from __future__ import annotations

from collections.abc import Sequence

from llm_gateway.domain.health_view import HealthView
from llm_gateway.domain.planned_target import PlannedTarget
from llm_gateway.domain.pool import Pool
from llm_gateway.domain.request_facts import RequestFacts


def priority(pool: Pool, facts: RequestFacts, health: HealthView, count: int) -> Sequence[PlannedTarget]:
    return pool.entries[:count]
