"""TendSpool: looks after the decision log once a second, and says how it is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from llm_gateway.application.ports.audit_observer import AuditObserver
from llm_gateway.application.ports.decision_log import DecisionLog
from llm_gateway.application.ports.delivery_status import DeliveryStatus

PERIOD_S = 1.0
_log = logging.getLogger("llm_gateway.audit")


class TendSpool:
    """`tend` keeps the log within its bound and returns how many records that lost; `spool_bytes` is the size
    of all logs together. Both block and may raise OSError."""

    def __init__(
        self,
        *,
        log: DecisionLog,
        tend: Callable[[], int],
        spool_bytes: Callable[[], int],
        delivery: DeliveryStatus,
        observer: AuditObserver,
    ) -> None:
        self._log = log
        self._tend = tend
        self._spool_bytes = spool_bytes
        self._delivery = delivery
        self._observer = observer
        self._told = 0

    async def follow(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self()
            except OSError as exc:
                _log.error("the spool cannot be looked after: %s", exc)
            await asyncio.sleep(PERIOD_S)

    async def __call__(self) -> None:
        lost, size = await asyncio.to_thread(lambda: (self._tend(), self._spool_bytes()))
        self._log.dropped += lost
        dropped = self._log.dropped
        self._observer.dropped(dropped - self._told)
        self._told = dropped
        self._observer.spool(self._delivery.figures().pending, size)
