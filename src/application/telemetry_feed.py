"""TelemetryFeed: a bounded queue before one telemetry peer, emptied in the background."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.telemetry_observer import TelemetryObserver
from llm_gateway.application.ports.telemetry_sink import TelemetrySink
from llm_gateway.application.ports.telemetry_status import TelemetryFigures
from llm_gateway.domain.delivery_answer import DeliveryAnswer

T = TypeVar("T")

CAPACITY = 10_000
_LINGER_S = 1.0
_MOST_AT_ONCE = 16
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
_MOST_TRIES = 5  # of one batch that the peer answers but does not take

_log = logging.getLogger("llm_gateway.telemetry")


class TelemetryFeed(Generic[T]):
    """`offer` costs the same whether the peer is up, slow or away: when the queue is full the oldest goes.

    A batch is sent when it is full or its first item has waited for `linger` seconds. Slow answers are met
    with more sends at once; during an outage there is one, and pauses between its tries that double.
    """

    def __init__(
        self,
        sink: TelemetrySink[T],
        *,
        observer: TelemetryObserver,
        clock: Clock,
        randomness: Callable[[], float],
        capacity: int = CAPACITY,
        linger: float = _LINGER_S,
        most_at_once: int = _MOST_AT_ONCE,
    ) -> None:
        self._sink = sink
        self._observer = observer
        self._clock = clock
        self._randomness = randomness
        self._capacity = capacity
        self._linger = linger
        self._most_at_once = most_at_once
        self._queue: deque[T] = deque()
        self._wake = asyncio.Event()
        self._idle = True
        self._finishing = False
        self._outage = False
        self._reachable: bool | None = None
        self._last_success: float | None = None
        self._sends: set[asyncio.Task[None]] = set()
        self._loop: asyncio.Task[None] | None = None

    @property
    def configured(self) -> bool:
        return self._sink.endpoint is not None

    def offer(self, item: T) -> None:
        """Called on the request path."""
        queue = self._queue
        if len(queue) >= self._capacity:
            queue.popleft()
            self._observer.dropped(self._sink.name, 1)
        queue.append(item)
        if self._idle or len(queue) == self._sink.batch:
            self._idle = False
            self._wake.set()

    def start(self) -> None:
        """Inside the running loop. Without an endpoint it does nothing."""
        if self.configured:
            self._loop = asyncio.get_running_loop().create_task(self._follow())

    async def stop(self, seconds: float) -> None:
        """Send what there is for at most that long; what is left then is dropped, and counted."""
        self._finishing = True
        self._wake.set()
        if self._loop is not None:
            await asyncio.wait([self._loop], timeout=seconds)
            self._loop.cancel()
            for task in self._sends:
                task.cancel()
            await asyncio.gather(self._loop, *self._sends, return_exceptions=True)
        if self._queue:
            self._observer.dropped(self._sink.name, len(self._queue))
            self._queue.clear()
        await self._sink.aclose()

    def figures(self) -> TelemetryFigures | None:
        endpoint = self._sink.endpoint
        if endpoint is None:
            return None
        return TelemetryFigures(
            sink=self._sink.name,
            endpoint=endpoint,
            reachable=self._reachable,
            last_success=self._last_success,
            queued=len(self._queue),
        )

    async def _follow(self) -> None:
        while True:
            await self._due()
            if not self._queue:
                if self._finishing:
                    break
                continue
            if len(self._sends) < self._limit():
                batch = [self._queue.popleft() for _ in range(min(self._sink.batch, len(self._queue)))]
                task = asyncio.get_running_loop().create_task(self._deliver(batch))
                self._sends.add(task)
                task.add_done_callback(self._sends.discard)
            if len(self._sends) >= self._limit():
                await asyncio.wait(self._sends, return_when=asyncio.FIRST_COMPLETED)
        if self._sends:
            await asyncio.wait(self._sends)

    def _limit(self) -> int:
        return 1 if self._outage else self._most_at_once

    async def _due(self) -> None:
        """Until a batch is full, or has lingered, or the end is near."""
        if not self._queue:
            self._idle = True
            self._wake.clear()
            if not self._finishing:
                await self._wake.wait()
        if len(self._queue) < self._sink.batch and not self._finishing:
            self._wake.clear()
            try:
                async with asyncio.timeout(self._linger):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def _deliver(self, batch: Sequence[T]) -> None:
        pause, tries = _FIRST_PAUSE_S, 0
        try:
            while True:
                answer = await self._sink.send(batch)
                tries += answer.meaning != "outage"
                if answer.meaning == "delivered":
                    return self._delivered(len(batch))
                self._failed(answer)
                if answer.meaning == "permanent" or tries >= _MOST_TRIES:
                    return self._observer.dropped(self._sink.name, len(batch))
                self._outage = answer.meaning == "outage"
                wait = pause * (0.5 + self._randomness() / 2)
                await asyncio.sleep(max(wait, min(answer.retry_after or 0.0, _LONGEST_PAUSE_S)))
                pause = min(2 * pause, _LONGEST_PAUSE_S)
        except asyncio.CancelledError:
            self._observer.dropped(self._sink.name, len(batch))
            raise

    def _delivered(self, items: int) -> None:
        if self._reachable is False:
            _log.info("telemetry is delivered again", extra={"sink": self._sink.name})
        self._outage = False
        self._reachable = True
        self._last_success = self._clock.now()
        self._observer.delivered(self._sink.name, items)

    def _failed(self, answer: DeliveryAnswer) -> None:
        if self._reachable is not False:
            said = answer.text or "no reason given"
            _log.warning(
                "telemetry is not delivered: %s",
                said if answer.status is None else f"HTTP {answer.status}: {said}",
                extra={"sink": self._sink.name, "endpoint": self._sink.endpoint},
            )
        self._reachable = False
