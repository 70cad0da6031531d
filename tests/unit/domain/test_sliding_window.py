"""SlidingWindow."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from llm_gateway.domain.sliding_window import SlidingWindow

steps = st.lists(st.tuples(st.integers(0, 20).map(lambda quarters: quarters / 4), st.booleans()), max_size=60)


def test_counts_both_kinds_within_the_window() -> None:
    """Hits and misses are told apart and add up."""
    window = SlidingWindow(10.0)
    window.hit(0.0)
    window.hit(1.0)
    window.miss(2.0)
    assert (window.hits, window.misses, window.total) == (2, 1, 3)


def test_forgets_what_is_older_than_the_window() -> None:
    """After a whole window nothing is left."""
    window = SlidingWindow(10.0)
    window.miss(3.0)
    window.roll(13.0)
    assert window.total == 0


def test_forgets_bucket_by_bucket() -> None:
    """The older of two events leaves first."""
    window = SlidingWindow(10.0)
    window.hit(0.5)
    window.miss(5.5)
    window.roll(10.6)
    assert (window.hits, window.misses) == (0, 1)


def test_takes_a_clock_that_goes_back_as_the_latest_seen() -> None:
    """Time running backwards loses no count."""
    window = SlidingWindow(10.0)
    window.hit(100.0)
    window.hit(50.0)
    assert window.hits == 2


@settings(max_examples=60, deadline=None)
@given(steps)
def test_never_holds_more_than_the_window_nor_less_than_nine_tenths(steps: list[tuple[float, bool]]) -> None:
    """Counts lie between those of the last 0.9 windows and of the last whole window."""
    window, now, seen = SlidingWindow(10.0), 0.0, []
    for pause, good in steps:
        now += pause
        (window.hit if good else window.miss)(now)
        seen.append((now, good))
        sure = [good for at, good in seen if at > now - 9.0]
        possible = [good for at, good in seen if at >= now - 10.0]
        assert sum(sure) <= window.hits <= sum(possible)
        assert len(sure) - sum(sure) <= window.misses <= len(possible) - sum(possible)
