"""weighted."""

from __future__ import annotations

from llm_gateway.domain.health_view import HealthView
from llm_gateway.domain.pool import Pool
from llm_gateway.domain.strategies.weighted import weighted
from tests.unit.domain.routing_examples import facts, pool, target


def test_the_affinity_key_decides_and_nothing_else_of_the_request() -> None:
    """A conversation stays where it is while it grows."""
    members = pool("a", "b", "c")
    chosen = {
        weighted(members, facts(affinity_key="talk", input_tokens=n), HealthView(), 1)[0].id
        for n in range(0, 5000, 100)
    }
    assert len(chosen) == 1


def test_without_a_key_equal_facts_go_to_the_same_target_and_others_spread() -> None:
    """The facts themselves stand in for the key."""
    members = pool("a", "b", "c")
    first = [weighted(members, facts(input_tokens=n), HealthView(), 1)[0].id for n in range(60)]
    again = [weighted(members, facts(input_tokens=n), HealthView(), 1)[0].id for n in range(60)]
    assert first == again
    assert set(first) == {"a/m", "b/m", "c/m"}


def test_a_heavier_target_wins_more_often() -> None:
    """Nine to one over a thousand keys; test_rendezvous.py measures the shares closely."""
    members = Pool([target("light", weight=1), target("heavy", weight=9)])
    keys = [facts(affinity_key=str(n)) for n in range(1000)]
    heavy = sum(weighted(members, key, HealthView(), 1)[0].id == "heavy/m" for key in keys)
    assert 850 < heavy < 950
