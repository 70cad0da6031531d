"""ReportWorker: what this worker says of itself to the others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from llm_gateway.application.health_book import HealthBook
from llm_gateway.application.lifecycle import Lifecycle
from llm_gateway.application.live_configuration import LiveConfiguration
from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.decision_log import DecisionLog
from llm_gateway.application.ports.delivery_status import NOT_DELIVERED, DeliveryStatus
from llm_gateway.application.ports.telemetry_status import TelemetryStatus
from llm_gateway.application.ports.worker_board import ReloadNotice, TargetNotice, WorkerBoard, WorkerNotice
from llm_gateway.application.report_health import ReportHealth

PERIOD_S = 1.0
_HEARTBEAT_S = 5.0
_MOST_TARGETS = 512


class ReportWorker:
    """`number` and `pid` name the worker."""

    def __init__(
        self,
        *,
        number: int,
        pid: int,
        live: LiveConfiguration,
        health: HealthBook,
        report: ReportHealth,
        lifecycle: Lifecycle,
        log: DecisionLog,
        board: WorkerBoard,
        clock: Clock,
        delivery: DeliveryStatus | None = None,
        telemetry: TelemetryStatus | None = None,
        refresh: Callable[[], None] = lambda: None,
    ) -> None:
        """`refresh` is called each period as well: for figures that change as time passes."""
        self._number = number
        self._pid = pid
        self._live = live
        self._health = health
        self._report = report
        self._lifecycle = lifecycle
        self._log = log
        self._board = board
        self._clock = clock
        self._delivery = delivery
        self._telemetry = telemetry
        self._refresh = refresh

    def notice(self) -> WorkerNotice:
        last = self._live.last_result
        return WorkerNotice(
            worker=self._number,
            pid=self._pid,
            started_at=self._lifecycle.started_at,
            published_at=self._clock.now(),
            phase=self._lifecycle.phase,
            health=self._report.status(),
            ready=self._report.readiness().ready,
            snapshot_hash=self._live.current().hash,
            reload=ReloadNotice(
                status=last.status,
                trigger=last.trigger,
                at=last.at,
                message=last.message,
                needs_restart=last.needs_restart,
                notes=last.notes,
            ),
            events_dropped=self._log.dropped,
            delivery=self._delivery.figures() if self._delivery is not None else NOT_DELIVERED,
            telemetry=self._telemetry.figures() if self._telemetry is not None else (),
            targets=self._targets(),
        )

    async def everyone(self) -> tuple[WorkerNotice, ...]:
        """All workers: this one as it is now, the others as they last said. Raises OSError."""
        own = self.notice()
        others = await asyncio.to_thread(self._board.read)
        notices = (own, *(notice for notice in others if notice.worker != own.worker))
        return tuple(sorted(notices, key=lambda notice: notice.worker))

    async def follow(self) -> None:
        """Publish what has changed, at most once a period, until cancelled."""
        shown: WorkerNotice | None = None
        while True:
            self._refresh()
            notice = self.notice()
            if shown is None or _worth_telling(shown, notice):
                try:
                    await asyncio.to_thread(self._board.publish, notice)
                    shown = notice
                except OSError:
                    pass  # the others miss this worker until the disk takes files again
            await asyncio.sleep(PERIOD_S)

    def _targets(self) -> tuple[TargetNotice, ...]:
        notices = []
        for target_id in list(self._health.view().targets)[:_MOST_TARGETS]:
            status = self._health.snapshot_of(target_id)
            if status is None:
                continue
            health = status.health
            notices.append(
                TargetNotice(
                    target=target_id,
                    breaker=health.breaker,
                    available=health.available,
                    reason=health.reason,
                    score=health.score,
                    latency_ms=health.latency_ms,
                    in_flight=health.in_flight,
                    cooldown_until=status.cooldown_until,
                )
            )
        return tuple(notices)


def _worth_telling(shown: WorkerNotice, notice: WorkerNotice) -> bool:
    if notice.published_at - shown.published_at >= _HEARTBEAT_S:
        return True
    return _said(shown) != _said(notice)


def _said(notice: WorkerNotice) -> tuple[object, ...]:
    """Everything but the time of publication and what a cooldown's remainder rounds to."""
    targets = [(t.target, t.breaker, t.available, t.latency_ms, t.in_flight) for t in notice.targets]
    return (
        notice.phase,
        notice.health,
        notice.snapshot_hash,
        notice.reload,
        notice.events_dropped,
        notice.delivery,
        notice.telemetry,
        targets,
    )
