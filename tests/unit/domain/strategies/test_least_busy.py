"""least_busy."""

from __future__ import annotations

from llm_gateway.domain.health_view import HealthView, TargetHealth
from llm_gateway.domain.strategies.least_busy import least_busy
from tests.unit.domain.routing_examples import facts, pool


def test_the_fewest_in_flight_come_first() -> None:
    """A target never tried has none in flight; equals keep their order."""
    health = HealthView(targets={"a/m": TargetHealth(in_flight=3), "b/m": TargetHealth(in_flight=1)})
    chosen = least_busy(pool("a", "b", "c", "d"), facts(), health, 4)
    assert [entry.id for entry in chosen] == ["c/m", "d/m", "b/m", "a/m"]
