"""SlidingWindow: how many events of two kinds happened lately, in constant memory."""

from __future__ import annotations

_BUCKETS = 10


class SlidingWindow:
    """Counts of `hits` and `misses` over the last `width` seconds, in ten buckets.

    Bucketed, so an event leaves between `width × 0.9` and `width` seconds after it came: a ring of
    counters costs the same at ten and at ten thousand requests per second, a list of times does not.
    Times are seconds on any clock that does not go back; one that does is taken as the latest seen.
    """

    __slots__ = ("_hits", "_misses", "_rolls_at", "_span", "_tick", "hits", "misses", "width")

    def __init__(self, width: float) -> None:
        self.width = width
        self._span = width / _BUCKETS
        self._hits = [0] * _BUCKETS
        self._misses = [0] * _BUCKETS
        self._tick = 0
        self._rolls_at = self._span
        self.hits = 0
        self.misses = 0

    @property
    def total(self) -> int:
        return self.hits + self.misses

    def hit(self, now: float) -> None:
        if now >= self._rolls_at:
            self.roll(now)
        self._hits[self._tick % _BUCKETS] += 1
        self.hits += 1

    def miss(self, now: float) -> None:
        if now >= self._rolls_at:
            self.roll(now)
        self._misses[self._tick % _BUCKETS] += 1
        self.misses += 1

    def roll(self, now: float) -> None:
        """Forget what is older than the window."""
        if now < self._rolls_at:
            return
        tick = int(now / self._span)
        steps = tick - self._tick
        if steps >= _BUCKETS or not (self.hits or self.misses):
            self.clear()
        else:
            for passed in range(self._tick + 1, tick + 1):
                index = passed % _BUCKETS
                self.hits -= self._hits[index]
                self.misses -= self._misses[index]
                self._hits[index] = self._misses[index] = 0
        self._tick = tick
        self._rolls_at = (tick + 1) * self._span

    def clear(self) -> None:
        if self.hits or self.misses:
            self._hits = [0] * _BUCKETS
            self._misses = [0] * _BUCKETS
            self.hits = self.misses = 0
