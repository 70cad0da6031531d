"""Pool: the candidates that are left to choose from, in priority order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from llm_gateway.domain.planned_target import PlannedTarget
from llm_gateway.domain.rendezvous import Rendezvous


class Pool:
    """Never empty when a strategy sees it.

    A pool lives as long as its shortlist, so what a strategy needs of all its members at once is made
    once and not for every request.
    """

    def __init__(self, entries: Sequence[PlannedTarget]) -> None:
        self.entries = tuple(entries)
        self.ids = tuple(entry.id for entry in self.entries)

    @cached_property
    def prices(self) -> tuple[tuple[int, int] | None, ...]:
        return tuple(entry.profile.prices for entry in self.entries)

    @cached_property
    def rendezvous(self) -> Rendezvous:
        return Rendezvous(
            [entry.profile.lane for entry in self.entries],
            [entry.candidate.weight for entry in self.entries],
        )

    def lowest(self, keys: Sequence[float], count: int) -> list[PlannedTarget]:
        """The `count` members with the lowest keys (one for each member); equals keep their order."""
        chosen: list[PlannedTarget] = []
        previous: float | None = None
        place = -1
        for key in sorted(keys)[:count]:
            place = keys.index(key, place + 1 if key == previous else 0)
            chosen.append(self.entries[place])
            previous = key
        return chosen
