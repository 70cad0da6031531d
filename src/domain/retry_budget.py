"""RetryBudget: retries may be only a share of the requests, so that a bad minute is not made worse."""

from __future__ import annotations

from llm_gateway.domain.sliding_window import SlidingWindow


class RetryBudget:
    """Allows `floor + ratio × requests` retries over the last `window` seconds.

    The floor lets a quiet gateway retry at all. Shape: Finagle's RetryBudget (a minimum plus a share
    over a time window), here counted rather than kept as tokens so that nothing is saved up for a storm.
    `ratio` may be changed at any time. Times are monotonic seconds.
    """

    __slots__ = ("_floor", "_window", "ratio")

    def __init__(self, ratio: float = 0.2, *, window: float = 10.0, floor: int = 3) -> None:
        self.ratio = ratio
        self._floor = floor
        self._window = SlidingWindow(window)

    def request(self, now: float) -> None:
        """A client's request arrived (once per request, however many attempts it takes)."""
        self._window.hit(now)

    def left(self, now: float) -> bool:
        """Whether one more retry fits."""
        self._window.roll(now)
        return self._window.misses + 1 <= self._floor + self.ratio * self._window.hits

    def spend(self, now: float) -> bool:
        """Take one retry out; False, and nothing taken, when none is left."""
        if not self.left(now):
            return False
        self._window.miss(now)
        return True
