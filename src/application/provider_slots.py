"""ProviderSlots: where a request waits, bounded, while every provider that could serve it is full."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from llm_gateway.domain.health_change import HealthChange


class ProviderSlots:
    """Told of the health book's changes; a provider that is no longer full wakes the one who waits longest.

    Who is woken decides again, so a slot that somebody else took in between only costs another wait. For one
    event loop. `most` bounds the waiters and is read at each arrival, as a reload may change it.
    """

    def __init__(self, most: Callable[[], int]) -> None:
        self._most = most
        self._waiters: deque[asyncio.Future[None]] = deque()

    @property
    def waiting(self) -> int:
        return len(self._waiters)

    def __call__(self, change: HealthChange) -> None:
        """From within the health book: nobody runs before the loop comes round again."""
        if change.kind == "bulkhead" and change.after == "free":
            self._wake()

    async def wait(self, seconds: float) -> bool:
        """Until a provider has room again; False when the queue is full or the time is up."""
        if seconds <= 0 or len(self._waiters) >= self._most():
            return False
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(seconds):
                await waiter
        except TimeoutError:
            return False
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self._wake()  # the slot that it was woken for goes to the next
            raise
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)
        return True

    def _wake(self) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
