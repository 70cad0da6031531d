"""WakeSchedule: which targets' health changes next by the mere passing of time."""

from __future__ import annotations

import heapq
import math


class WakeSchedule:
    """A heap of (time, target id). `next_at` is the earliest time, infinity when there is none.

    One live entry per target: an earlier time replaces it, a later one is left for whoever wakes to ask
    again, so that a deadline that keeps moving out does not grow the heap.
    """

    __slots__ = ("_at", "_heap", "next_at")

    def __init__(self) -> None:
        self._heap: list[tuple[float, str]] = []
        self._at: dict[str, float] = {}
        self.next_at = math.inf

    def __len__(self) -> int:
        return len(self._at)

    def wake(self, target_id: str, at: float) -> None:
        if at >= self._at.get(target_id, math.inf):
            return
        self._at[target_id] = at
        heapq.heappush(self._heap, (at, target_id))
        self.next_at = self._heap[0][0]

    def due(self, now: float) -> list[str]:
        """Take out the targets whose time has come."""
        woken = []
        while self._heap and self._heap[0][0] <= now:
            at, target_id = heapq.heappop(self._heap)
            if self._at.get(target_id) == at:
                del self._at[target_id]
                woken.append(target_id)
        self.next_at = self._heap[0][0] if self._heap else math.inf
        return woken
