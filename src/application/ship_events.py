"""ShipEvents: delivers the decision records of this worker, and of dead ones, to the event service."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime

from typing_extensions import override

from llm_gateway.application.delivery_health import DeliveryHealth
from llm_gateway.application.delivery_lane import DeliveryLane
from llm_gateway.application.ports.audit_observer import AuditObserver
from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.delivery_spool import Backlog, DeliverySpool
from llm_gateway.application.ports.delivery_status import DeliveryFigures, DeliveryStatus
from llm_gateway.application.ports.event_sink import EventSink
from llm_gateway.domain.delivery_queue import DeliveryPolicy

_ANSWERS_S = 2.0

_log = logging.getLogger("llm_gateway.audit")


class ShipEvents(DeliveryStatus):
    """`start` once the log is open and the loop runs. Without a sink to send to it does nothing.

    Each log has a lane of its own; a log of a dead worker is looked for every few seconds, and given back
    when all of it is delivered.
    """

    def __init__(
        self,
        *,
        spool: DeliverySpool,
        sink: EventSink,
        observer: AuditObserver,
        clock: Clock,
        randomness: Callable[[], float],
        policy: DeliveryPolicy | None = None,
        look_every: float = 5.0,
    ) -> None:
        """`look_every` so many seconds logs without a lane are looked for."""
        self._spool = spool
        self._sink = sink
        self._observer = observer
        self._clock = clock
        self._randomness = randomness
        self._policy = policy or DeliveryPolicy()
        self._look_every = look_every
        self._health = DeliveryHealth(sink.url, clock)
        self._own: DeliveryLane | None = None
        self._lanes: dict[DeliveryLane, asyncio.Task[None]] = {}
        self._search: asyncio.Task[None] | None = None

    def start(self) -> None:
        if self._sink.url is None:
            return
        self._own = self._open(self._spool.own())
        self._search = asyncio.get_running_loop().create_task(self._adopt())

    def written(self, records: int) -> None:
        """That many records more are in this worker's log: wakes the delivery, costs next to nothing."""
        if self._own is not None:
            self._own.written(records)

    async def stop(self, seconds: float) -> None:
        """Deliver what there is for at most that long, unless the service is away; the rest stays spooled."""
        if self._search is not None:
            self._search.cancel()
            with suppress(asyncio.CancelledError):
                await self._search
        lanes = dict(self._lanes)
        for lane in lanes:
            lane.stop() if lane.outage else lane.finish()
        await self._ended(lanes.values(), seconds)
        for lane in lanes:
            lane.stop()
        await self._ended(lanes.values(), _ANSWERS_S)
        for task in lanes.values():
            task.cancel()
        await asyncio.gather(*lanes.values(), return_exceptions=True)
        await self._sink.aclose()

    @override
    def figures(self) -> DeliveryFigures:
        times = [time for lane in self._lanes if (time := _time(lane.oldest())) is not None]
        return DeliveryFigures(
            configured=self._sink.url is not None,
            reachable=self._health.reachable,
            last_success=self._health.last_success,
            pending=sum(lane.pending for lane in self._lanes),
            oldest_pending=min(times, default=None),
        )

    def _open(self, backlog: Backlog) -> DeliveryLane:
        lane = DeliveryLane(
            backlog,
            self._sink,
            policy=self._policy,
            health=self._health,
            observer=self._observer,
            clock=self._clock,
            randomness=self._randomness,
        )
        task = asyncio.get_running_loop().create_task(lane.run())
        self._lanes[lane] = task
        task.add_done_callback(lambda ended: self._close(lane, ended))
        return lane

    def _close(self, lane: DeliveryLane, task: asyncio.Task[None]) -> None:
        self._lanes.pop(lane, None)
        if not task.cancelled() and task.exception() is not None:
            _log.error("delivery of %s has failed", lane.backlog.name, exc_info=task.exception())
        if lane is not self._own:
            self._spool.release(lane.backlog)

    async def _adopt(self) -> None:
        while True:
            if self._own not in self._lanes:
                self._own = self._open(self._spool.own())
            try:
                for backlog in await asyncio.to_thread(self._spool.adopt):
                    _log.info("delivering the records of a dead worker", extra={"spool": backlog.name})
                    self._open(backlog).finish()
            except OSError as exc:
                _log.error("the spools of dead workers cannot be looked through: %s", exc)
            await asyncio.sleep(self._look_every)

    @staticmethod
    async def _ended(tasks: Iterable[asyncio.Task[None]], seconds: float) -> None:
        running = [task for task in tasks if not task.done()]
        if running:
            await asyncio.wait(running, timeout=seconds)


def _time(line: bytes | None) -> float | None:
    """A record's own time in Unix seconds."""
    if line is None:
        return None
    try:
        return datetime.fromisoformat(json.loads(line)["timestamp"]).timestamp()
    except (ValueError, KeyError, TypeError):
        return None
