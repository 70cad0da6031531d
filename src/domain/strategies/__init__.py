"""Strategies: one file for each way to order the candidates, and the table of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from llm_gateway.domain.health_view import HealthView
from llm_gateway.domain.planned_target import PlannedTarget
from llm_gateway.domain.pool import Pool
from llm_gateway.domain.request_facts import RequestFacts
from llm_gateway.domain.strategies.least_busy import least_busy
from llm_gateway.domain.strategies.least_cost import least_cost
from llm_gateway.domain.strategies.least_latency import least_latency
from llm_gateway.domain.strategies.priority import priority
from llm_gateway.domain.strategies.round_robin import round_robin
from llm_gateway.domain.strategies.weighted import weighted
from llm_gateway.domain.strategy import Strategy

# (candidates in priority order, facts, health, how many are wanted) -> the best ones, best first
Ordering = Callable[[Pool, RequestFacts, HealthView, int], Sequence[PlannedTarget]]

ORDERINGS: Mapping[Strategy, Ordering] = MappingProxyType(
    {
        "priority": priority,
        "weighted": weighted,
        "round_robin": round_robin,
        "least_latency": least_latency,
        "least_cost": least_cost,
        "least_busy": least_busy,
    }
)
