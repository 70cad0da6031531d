"""Bulkhead: a number of slots and a bounded queue in front of them, as bookkeeping."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Admit:
    """A slot was taken; `leave` gives it back."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Wait until a later call returns this ticket: then it has a slot."""

    ticket: int


@dataclass(frozen=True, slots=True)
class Refuse:
    """Every slot and every place in the queue is taken."""


_ADMIT = Admit()
_REFUSE = Refuse()


class Bulkhead:
    """At most `limit` at work and `max_queue` waiting, oldest first.

    Methods that free a slot return the tickets that it goes to: whoever holds one is at work from that
    moment, even before it has woken up, so that a newcomer cannot overtake.
    """

    __slots__ = ("_issued", "_limit", "_max_queue", "_waiting", "in_flight")

    def __init__(self, limit: int, max_queue: int) -> None:
        self._limit = limit
        self._max_queue = max_queue
        self._issued = 0
        # Ordered, because a ticket in the middle can be abandoned and the oldest must be found at once.
        self._waiting: OrderedDict[int, None] = OrderedDict()
        self.in_flight = 0

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def arrive(self) -> Admit | Queue | Refuse:
        if self.in_flight < self._limit:
            self.in_flight += 1
            return _ADMIT
        if len(self._waiting) >= self._max_queue:
            return _REFUSE
        self._issued += 1
        self._waiting[self._issued] = None
        return Queue(self._issued)

    def leave(self) -> list[int]:
        """A slot is given back."""
        self.in_flight -= 1
        return self._fill()

    def abandon(self, ticket: int) -> list[int]:
        """The holder of `ticket` waits no longer. If it was at work by then, its slot goes on."""
        if ticket in self._waiting:
            del self._waiting[ticket]
            return []
        return self.leave()

    def resize(self, limit: int, max_queue: int) -> list[int]:
        """New bounds. Nobody is thrown out: a lower limit is met as work ends, a shorter queue drains."""
        self._limit = limit
        self._max_queue = max_queue
        return self._fill()

    def _fill(self) -> list[int]:
        admitted = []
        while self._waiting and self.in_flight < self._limit:
            ticket, _ = self._waiting.popitem(last=False)
            self.in_flight += 1
            admitted.append(ticket)
        return admitted
