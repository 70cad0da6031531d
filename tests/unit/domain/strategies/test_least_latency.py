"""least_latency."""

from __future__ import annotations

from llm_gateway.domain.health_view import HealthView, TargetHealth
from llm_gateway.domain.strategies.least_latency import least_latency
from tests.unit.domain.routing_examples import facts, pool


def test_the_fastest_comes_first_and_the_unmeasured_before_it() -> None:
    """A target that nobody tries would never be measured."""
    health = HealthView(
        targets={"slow/m": TargetHealth(latency_ms=900.0), "fast/m": TargetHealth(latency_ms=80.0)}
    )
    chosen = least_latency(pool("slow", "fast", "new"), facts(), health, 3)
    assert [entry.id for entry in chosen] == ["new/m", "fast/m", "slow/m"]
