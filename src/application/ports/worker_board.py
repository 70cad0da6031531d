"""Port WorkerBoard: where the workers of one service let each other see how they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from llm_gateway.application.ports.delivery_status import NOT_DELIVERED, DeliveryFigures
from llm_gateway.application.ports.telemetry_status import TelemetryFigures
from llm_gateway.domain.health_view import BreakerState


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetNotice:
    """One target as one worker knows it. `cooldown_until` is Unix seconds; `latency_ms` its EWMA."""

    target: str
    breaker: BreakerState = "closed"
    available: bool = True
    reason: str | None = None
    score: float = 1.0
    latency_ms: float | None = None
    in_flight: int = 0
    cooldown_until: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReloadNotice:
    """How a worker's last reload went; see ReloadResult."""

    status: Literal["accepted", "unchanged", "refused"]
    trigger: str
    at: float
    message: str | None = None
    needs_restart: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerNotice:
    """What one worker says of itself; times are Unix seconds. `events_dropped` counts decision records that
    could not be kept. `telemetry` is one for each peer that is told; `targets` are those it has called."""

    worker: int
    pid: int
    started_at: float
    published_at: float
    phase: Literal["starting", "serving", "draining"]
    health: Literal["healthy", "degraded", "unhealthy"]
    ready: bool
    snapshot_hash: str
    reload: ReloadNotice
    events_dropped: int = 0
    delivery: DeliveryFigures = NOT_DELIVERED
    telemetry: tuple[TelemetryFigures, ...] = ()
    targets: tuple[TargetNotice, ...] = ()


class WorkerBoard(Protocol):
    """Called by each worker about itself and by the status report. Both block: call them off the loop."""

    def publish(self, notice: WorkerNotice) -> None:
        """Put up a worker's notice in place of its last one. Raises OSError."""
        ...

    def read(self) -> Sequence[WorkerNotice]:
        """The notices of living workers, by number. Raises OSError."""
        ...
