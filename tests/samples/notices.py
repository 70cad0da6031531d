"""Worker notices that are valid, for tests that change one thing about them."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from llm_gateway.application.ports.delivery_status import DeliveryFigures
from llm_gateway.application.ports.telemetry_status import TelemetryFigures
from llm_gateway.application.ports.worker_board import ReloadNotice, TargetNotice, WorkerNotice

NOW = 1_700_000_000.0  # FakeClock's

NOTICE = WorkerNotice(
    worker=0,
    pid=os.getpid(),
    started_at=NOW - 100,
    published_at=NOW,
    phase="serving",
    health="healthy",
    ready=True,
    snapshot_hash="ab" * 32,
    reload=ReloadNotice(status="accepted", trigger="start", at=NOW - 100),
    delivery=DeliveryFigures(
        configured=True, reachable=True, last_success=NOW - 1, pending=3, oldest_pending=NOW - 0.5
    ),
    telemetry=(
        TelemetryFigures(
            sink="observatory", endpoint="http://o/v1", reachable=True, last_success=NOW, queued=4
        ),
    ),
    targets=(TargetNotice(target="openai/gpt-4o", latency_ms=12.5, in_flight=2),),
)


def notice(**changes: Any) -> WorkerNotice:
    return replace(NOTICE, **changes)
