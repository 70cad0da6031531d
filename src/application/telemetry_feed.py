"""TelemetryFeed: a bounded queue before one telemetry peer, emptied in the background."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.telemetry_observer import TelemetryObserver
from llm_gateway.application.ports.telemetry_sink import TelemetrySink
from llm_gateway.application.ports.telemetry_status import TelemetryFigures
from llm_gateway.application.telemetry_health import TelemetryHealth
from llm_gateway.domain.delivery_answer import DeliveryAnswer

T = TypeVar("T")

_log = logging.getLogger("llm_gateway.telemetry")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLimits:
    """Times in seconds. `lot` batches go one after another in one send, to be woken less often for small
    ones. `most_tries` is of one batch that the peer answers, but does not clearly take."""

    capacity: int = 10_000
    lot: int = 1
    linger: float = 1.0
    most_at_once: int = 16
    most_tries: int = 5
    first_pause: float = 0.5
    longest_pause: float = 30.0


class TelemetryFeed(Generic[T]):
    """`offer` costs the same whether the peer is up, slow or away: when the queue is full the oldest goes.

    A lot is sent when it is full or its first item has waited for `linger` seconds. Slow answers are met
    with more sends at once; during an outage there is one, and pauses between its tries that double.
    """

    def __init__(
        self,
        sink: TelemetrySink[T],
        *,
        observer: TelemetryObserver,
        clock: Clock,
        randomness: Callable[[], float],
        limits: FeedLimits | None = None,
    ) -> None:
        self._sink = sink
        self._observer = observer
        self._randomness = randomness
        self._limits = limits or FeedLimits()
        self._capacity = self._limits.capacity
        self._full = sink.batch * self._limits.lot
        self._health = TelemetryHealth(sink.name, clock)
        self._queue: deque[T] = deque()
        self._idle = True
        self._lingered = False
        self._outage = False
        self._pause = self._limits.first_pause
        self._retry_after = 0.0
        self._wake = asyncio.Event()
        self._ending = asyncio.Event()
        self._number = 0
        self._returned: list[tuple[int, Sequence[T]]] = []  # by the number of their send
        self._sends: set[asyncio.Task[None]] = set()
        self._sending = 0  # items that are on their way or are returned
        self._loop: asyncio.Task[None] | None = None

    def offer(self, item: T) -> None:
        """Called on the request path."""
        queue = self._queue
        if len(queue) >= self._capacity:
            queue.popleft()
            self._observer.dropped(self._sink.name, 1)
        queue.append(item)
        if self._idle or len(queue) == self._full:
            self._idle = False
            self._wake.set()

    def start(self) -> None:
        """Inside the running loop. Without an endpoint it does nothing."""
        if self._sink.endpoint is not None:
            self._loop = asyncio.get_running_loop().create_task(self._follow())

    async def stop(self, seconds: float) -> None:
        """Send what there is for at most that long, or until an outage; what is left counts as dropped."""
        self._ending.set()
        self._wake.set()
        if self._loop is not None:
            await asyncio.wait([self._loop], timeout=seconds)
            tasks = [self._loop, *self._sends]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        left = len(self._queue) + self._sending
        if left:
            self._observer.dropped(self._sink.name, left)
        self._queue.clear()
        self._sending = 0
        try:
            await self._sink.aclose()
        except Exception:  # the others are still to be stopped
            _log.exception("a telemetry sink could not be closed", extra={"sink": self._sink.name})

    def figures(self) -> TelemetryFigures | None:
        """None: nobody is configured to be told."""
        endpoint = self._sink.endpoint
        if endpoint is None:
            return None
        return TelemetryFigures(
            sink=self._sink.name,
            endpoint=endpoint,
            reachable=self._health.reachable,
            last_success=self._health.last_success,
            queued=len(self._queue) + self._sending,
        )

    async def _follow(self) -> None:
        """In this order: an outage; as many sends as may be; a lot to send; the end; nothing to do."""
        while True:
            if self._returned:
                if self._sends:
                    await asyncio.wait(self._sends)
                self._take_back()
                if self._ending.is_set():
                    return
                await self._rest()
            elif len(self._sends) >= (1 if self._outage else self._limits.most_at_once):
                await asyncio.wait(self._sends, return_when=asyncio.FIRST_COMPLETED)
            elif self._is_due():
                self._send()
            elif self._ending.is_set():
                if not self._sends:
                    return
                await asyncio.wait(self._sends, return_when=asyncio.FIRST_COMPLETED)
            else:
                await self._sleep()

    def _is_due(self) -> bool:
        waiting = len(self._queue)
        return waiting > 0 and (waiting >= self._full or self._lingered or self._ending.is_set())

    async def _sleep(self) -> None:
        """Until there is something; when there is, until a lot is full or has lingered."""
        self._wake.clear()
        self._idle = not self._queue
        try:
            async with asyncio.timeout(None if self._idle else self._limits.linger):
                await self._wake.wait()
        except TimeoutError:
            self._lingered = True

    async def _rest(self) -> None:
        """The pause of an outage; the end cuts it short."""
        jittered = self._pause * (0.5 + self._randomness() / 2)
        seconds = max(jittered, min(self._retry_after, self._limits.longest_pause))
        self._pause = min(2 * self._pause, self._limits.longest_pause)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._ending.wait()

    def _send(self) -> None:
        self._lingered = False
        queue = self._queue
        lot = [queue.popleft() for _ in range(min(self._full, len(queue)))]
        self._number += 1
        self._sending += len(lot)
        task = asyncio.get_running_loop().create_task(self._deliver(self._number, lot))
        self._sends.add(task)
        task.add_done_callback(self._sends.discard)

    def _take_back(self) -> None:
        """What an outage returned goes to the front, in its order."""
        for _, lot in sorted(self._returned, key=lambda returned: returned[0], reverse=True):
            self._queue.extendleft(reversed(lot))
            self._sending -= len(lot)
        self._returned.clear()
        self._lingered = True
        excess = len(self._queue) - self._capacity
        if excess > 0:
            for _ in range(excess):
                self._queue.popleft()
            self._observer.dropped(self._sink.name, excess)

    async def _deliver(self, number: int, lot: Sequence[T]) -> None:
        """Batch by batch; what an outage leaves is returned."""
        while lot:
            batch = lot[: self._sink.batch]
            if not await self._settle(batch):
                self._returned.append((number, lot))
                self._wake.set()
                return
            lot = lot[len(batch) :]
            self._sending -= len(batch)
            self._full = self._sink.batch * self._limits.lot

    async def _settle(self, batch: Sequence[T]) -> bool:
        """Until one batch is delivered or lost; False in an outage."""
        pause = self._limits.first_pause
        for _ in range(self._limits.most_tries):
            answer = await self._answer(batch)
            self._outage = answer.meaning == "outage"
            if self._outage:
                self._retry_after = answer.retry_after or 0.0
                self._health.failed(answer, self._sink.endpoint)
                return False
            self._pause = self._limits.first_pause
            if answer.meaning == "delivered":
                self._health.delivered()
                self._observer.delivered(self._sink.name, len(batch) - answer.lost)
                if answer.lost:
                    self._observer.dropped(self._sink.name, answer.lost)
                return True
            if answer.meaning == "permanent":
                break
            await asyncio.sleep(pause * (0.5 + self._randomness() / 2))
            pause = min(2 * pause, self._limits.longest_pause)
        self._health.refused(answer, self._sink.endpoint)
        self._observer.dropped(self._sink.name, len(batch))
        return True

    async def _answer(self, batch: Sequence[T]) -> DeliveryAnswer:
        try:
            return await self._sink.send(batch)
        except Exception as exc:  # a sink must not raise; one that does must not end the feed
            _log.exception("a telemetry sink failed", extra={"sink": self._sink.name})
            return DeliveryAnswer(meaning="permanent", text=f"not sent: {type(exc).__name__}")
