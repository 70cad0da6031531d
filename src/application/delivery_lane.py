"""DeliveryLane: sends one decision log to the event service, from where delivery stopped."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from llm_gateway.application.delivery_health import DeliveryHealth
from llm_gateway.application.ports.audit_observer import AuditObserver
from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.delivery_spool import Backlog
from llm_gateway.application.ports.event_sink import EventSink
from llm_gateway.domain.delivery_answer import DeliveryAnswer
from llm_gateway.domain.delivery_queue import Delivery, DeliveryPolicy, DeliveryQueue
from llm_gateway.domain.spool_position import SpoolPosition

_SAVE_S = 0.1
_TROUBLE_S = 1.0
_INLINE = 32  # records read on the event loop: they were just written, so they are in memory

_log = logging.getLogger("llm_gateway.audit")


class DeliveryLane:
    """`run` until it is cancelled or, having been told to `finish`, has nothing more to do; it raises what
    should not have happened, and another lane then goes on from what was saved.

    Records start in the log's order. What is settled is saved every tenth of a second: a process that is
    killed sends at most that much again, under the same `event_id`.
    """

    def __init__(
        self,
        backlog: Backlog,
        sink: EventSink,
        *,
        policy: DeliveryPolicy,
        health: DeliveryHealth,
        observer: AuditObserver,
        clock: Clock,
        randomness: Callable[[], float],
    ) -> None:
        self.backlog = backlog
        self.pending = 0
        self._sink = sink
        self._queue = DeliveryQueue(policy)
        self._health = health
        self._observer = observer
        self._clock = clock
        self._randomness = randomness
        self._unread = 0
        self._counted = False
        self._awake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._settled: SpoolPosition | None = None
        self._saved_at = 0.0
        self._finishing = False
        self._stopping = False
        self._bug: BaseException | None = None

    @property
    def outage(self) -> bool:
        return self._queue.outage

    def oldest(self) -> bytes | None:
        """The line of the oldest record that is not settled, if it has been read."""
        entry = self._queue.oldest
        return None if entry is None else entry.line

    def written(self, records: int) -> None:
        """That many more are in the log. Costs next to nothing: it is called on the request path.

        Only an idle lane is woken: what is under way wakes it when it is answered, and an outage by its time.
        """
        self._unread += records
        self.pending += records
        if not self._tasks and not self._queue.outage:
            self._awake.set()

    def finish(self) -> None:
        """End when nothing is pending."""
        self._finishing = True
        self._awake.set()

    def stop(self) -> None:
        """Start no more; `run` ends when those under way are answered."""
        self._stopping = True
        self._awake.set()

    async def run(self) -> None:
        try:
            while not self._over():
                self._awake.clear()
                wait = await self._step()
                if self._over():
                    break
                await self._sleep(wait)
            await self._step()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _over(self) -> bool:
        if self._tasks:
            return False
        if self._bug is not None:
            raise self._bug
        return self._stopping or (self._finishing and self._counted and self.pending <= 0)

    async def _step(self) -> float | None:
        """Whatever can be done now; returns how long there is nothing more to do, None for unknown."""
        try:
            if not self._counted:
                await self._recount()
            if not self._stopping:
                await self._fill()
            self._launch()
            return await self._save(due=self._over())
        except OSError as exc:
            _log.error("the spool cannot be read for delivery: %s", exc)
            return _TROUBLE_S

    async def _fill(self) -> None:
        room = self._queue.room
        if self._unread <= 0 or room < min(self._unread, 64):
            return
        if self._unread <= _INLINE:
            lines = self.backlog.read(room)
        else:
            lines = await asyncio.to_thread(self.backlog.read, room)
        if not lines:
            await self._recount()  # retention was faster
        for spooled in lines:
            self._queue.add(spooled.line, spooled.end)
        self._unread -= len(lines)

    async def _recount(self) -> None:
        end = self.backlog.end()
        self.pending -= self._unread
        self._unread = 0
        count = await asyncio.to_thread(self.backlog.count, end)
        self._unread += count
        self.pending += count
        self._counted = True

    def _launch(self) -> None:
        while not self._stopping and (entry := self._queue.start(self._clock.monotonic())) is not None:
            task = asyncio.get_running_loop().create_task(self._deliver(entry))
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and self._bug is None:
            self._bug = task.exception()
        self._awake.set()

    async def _deliver(self, entry: Delivery) -> None:
        answer = await self._sink.deliver(entry.line)
        outcome = self._queue.answered(entry, answer, self._clock.monotonic(), self._randomness())
        if outcome == "delivered":
            self.pending -= 1
            self._health.delivered()
            self._observer.delivered()
        elif outcome == "dead_letter":
            await self._bury(entry, answer)
        elif self._queue.outage:
            self._health.failed(answer)
        self._settled = self._queue.settled() or self._settled

    async def _bury(self, entry: Delivery, answer: DeliveryAnswer) -> None:
        try:
            await asyncio.to_thread(
                self.backlog.dead_letter,
                entry.line,
                answer,
                attempts=entry.attempts,
                at=self._clock.now(),
            )
        except OSError as exc:
            _log.error("a dead letter cannot be written, so its record is tried again: %s", exc)
            self._queue.keep(entry, self._clock.monotonic() + _TROUBLE_S)
            return
        self._queue.set_aside(entry)
        self.pending -= 1
        self._observer.dead_lettered()
        self._health.dead_letter(answer, self.backlog.name)

    async def _save(self, *, due: bool) -> float | None:
        """Saves what is settled if it is time; returns the time until something is to be done."""
        now = self._clock.monotonic()
        wakes = [None if self._stopping else self._queue.wakes_at()]
        if self._settled is not None:
            if due or now >= self._saved_at + _SAVE_S:
                position, self._saved_at = self._settled, now
                await asyncio.to_thread(self.backlog.save, position)
                if self._settled == position:
                    self._settled = None
            else:
                wakes.append(self._saved_at + _SAVE_S)
        known = [at for at in wakes if at is not None]
        return max(0.0, min(known) - now) if known else None

    async def _sleep(self, wait: float | None) -> None:
        try:
            async with asyncio.timeout(wait):
                await self._awake.wait()
        except TimeoutError:
            pass
