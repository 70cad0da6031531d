"""round_robin."""

from __future__ import annotations

from llm_gateway.domain.health_view import HealthView
from llm_gateway.domain.strategies.round_robin import round_robin
from tests.unit.domain.routing_examples import facts, pool


def test_each_count_starts_one_further() -> None:
    """The counter of the health view picks the start, and it wraps."""
    firsts = [round_robin(pool("a", "b", "c"), facts(), HealthView(round_robin=n), 1)[0].id for n in range(4)]
    assert firsts == ["a/m", "b/m", "c/m", "a/m"]


def test_the_fallback_list_goes_on_from_there() -> None:
    """Behind the last comes the first."""
    chosen = round_robin(pool("a", "b", "c"), facts(), HealthView(round_robin=2), 3)
    assert [entry.id for entry in chosen] == ["c/m", "a/m", "b/m"]
