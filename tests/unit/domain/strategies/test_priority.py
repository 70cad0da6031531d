"""priority."""

from __future__ import annotations

from llm_gateway.domain.health_view import HealthView
from llm_gateway.domain.strategies.priority import priority
from tests.unit.domain.routing_examples import facts, pool


def test_the_order_given_is_kept() -> None:
    """The first ones, no more than wanted."""
    chosen = priority(pool("b", "a", "c"), facts(), HealthView(), 2)
    assert [entry.id for entry in chosen] == ["b/m", "a/m"]
