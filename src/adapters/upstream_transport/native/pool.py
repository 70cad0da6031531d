"""Pool: which connection of one origin carries the next request. Bookkeeping only; opens nothing."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, Protocol, TypeVar


class Pooled(Protocol):
    """A connection as the pool sees it. Times are the loop's, in seconds."""

    closed: bool
    retire_at: float
    idle_until: float

    def abort(self) -> None: ...


C = TypeVar("C", bound=Pooled)


class Pool(Generic[C]):
    """At most `limit` connections, each idle, busy or being opened, and a fair queue for what is beyond.

    A slot stands for one of them. Who has a slot without a connection opens one. Freed slots and connections
    go to the head of the queue before anybody else, so nobody overtakes. Idle ones are used last in, first
    out: the rest stay cold and run into their idle time. A connection that is closed keeps its slot until
    `gone`, so that the bound is one on sockets.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken = 0
        # A dict as an ordered set: newest at the end, and a closed one leaves from the middle at no cost.
        self._idle: dict[C, None] = {}
        self._queue: deque[asyncio.Future[C | None]] = deque()

    @property
    def taken(self) -> int:
        return self._taken

    @property
    def idle(self) -> int:
        return len(self._idle)

    @property
    def waiting(self) -> int:
        return sum(not turn.done() for turn in self._queue)

    def take(self, now: float) -> C | None:
        """The most recently used idle connection that is still good; others are closed on the way."""
        while self._idle:
            connection, _ = self._idle.popitem()
            if not connection.closed and now < connection.idle_until and now < connection.retire_at:
                return connection
            connection.abort()
        return None

    def reserve(self) -> bool:
        """Take a slot for a connection to be opened, if one is left."""
        if self._taken >= self._limit:
            return False
        self._taken += 1
        return True

    def queue(self, turn: asyncio.Future[C | None]) -> None:
        """`turn` will get a connection, or None with a slot. A cancelled or failed one is passed over."""
        self._queue.append(turn)

    def give(self, connection: C, now: float) -> None:
        """A connection whose exchange has ended cleanly."""
        if now >= connection.retire_at:
            connection.abort()
        elif not self._hand_over(connection):
            self._idle[connection] = None

    def gone(self, connection: C) -> None:
        """A connection is closed, whoever closed it and whatever it was doing. Called once for each."""
        self._idle.pop(connection, None)
        self.free()

    def free(self) -> None:
        """A slot is given back."""
        if not self._hand_over(None):
            self._taken -= 1

    def evict(self, now: float) -> None:
        """Close what has been idle for too long."""
        for connection in list(self._idle):
            if now >= connection.idle_until or now >= connection.retire_at:
                del self._idle[connection]
                connection.abort()

    def close(self, reason: Exception) -> None:
        """Close every idle connection and turn away who waits."""
        while self._idle:
            self._idle.popitem()[0].abort()
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_exception(reason)

    def _hand_over(self, what: C | None) -> bool:
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(what)
                return True
        return False
