"""Pool: choosing by key."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.domain.routing_examples import pool


@given(st.lists(st.integers(0, 3), min_size=1, max_size=8), st.integers(1, 8))
def test_lowest_is_a_stable_sort(keys: list[int], count: int) -> None:
    """Equals keep their order, whatever the number of ties."""
    members = pool(*(f"p{i}" for i in range(len(keys))))
    expected = [entry for _, entry in sorted(zip(keys, members.entries, strict=True), key=lambda kv: kv[0])]
    assert members.lowest(keys, count) == expected[:count]
