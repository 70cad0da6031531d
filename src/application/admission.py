"""Admission: makes a request wait its turn at a bulkhead, or turns it away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from llm_gateway.application.configuration import BulkheadSettings
from llm_gateway.domain.bulkhead import Admit, Bulkhead, Queue
from llm_gateway.domain.errors import Overloaded

_SOONEST_RETRY = 1.0


class Admission:
    """One bulkhead's waiting room, for one event loop.

    `Overloaded.retry_after` is the queue timeout, at least a second: by then everybody who waits now
    has either been let in or turned away. `name` is whose bulkhead it is, for the message.
    """

    def __init__(self, settings: BulkheadSettings, *, name: str = "the gateway") -> None:
        self._settings = settings
        self._name = name
        self._bulkhead = Bulkhead(settings.max_in_flight, settings.max_queue)
        self._waiters: dict[int, asyncio.Future[None]] = {}

    @property
    def in_flight(self) -> int:
        return self._bulkhead.in_flight

    @property
    def waiting(self) -> int:
        return self._bulkhead.waiting

    async def enter(self) -> None:
        """Take a slot, at once if one is free. `leave` must follow unless this raises.

        Raises Overloaded when the queue is full or the wait too long. Cancelled while waiting, it holds
        nothing: a slot that was given to it in that very moment goes on to the next.
        """
        arrival = self._bulkhead.arrive()
        if isinstance(arrival, Admit):
            return
        if not isinstance(arrival, Queue):
            raise self._overloaded("its queue is full")
        future = asyncio.get_running_loop().create_future()
        self._waiters[arrival.ticket] = future
        try:
            async with asyncio.timeout(self._settings.queue_timeout):
                await future
        except BaseException as exc:
            self._waiters.pop(arrival.ticket, None)
            self._wake(self._bulkhead.abandon(arrival.ticket))
            if isinstance(exc, TimeoutError):
                raise self._overloaded("no slot came free in time") from exc
            raise

    def leave(self) -> None:
        self._wake(self._bulkhead.leave())

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """`enter` and `leave` around a block."""
        await self.enter()
        try:
            yield
        finally:
            self.leave()

    def revise(self, settings: BulkheadSettings) -> None:
        """New bounds from a reload, for those who wait as well; a running wait keeps its timeout."""
        self._settings = settings
        self._wake(self._bulkhead.resize(settings.max_in_flight, settings.max_queue))

    def _wake(self, tickets: Iterable[int]) -> None:
        for ticket in tickets:
            future = self._waiters.pop(ticket)
            if not future.done():
                future.set_result(None)

    def _overloaded(self, why: str) -> Overloaded:
        return Overloaded(
            f"{self._name} is at its limit: {why}",
            retry_after=max(self._settings.queue_timeout, _SOONEST_RETRY),
        )
