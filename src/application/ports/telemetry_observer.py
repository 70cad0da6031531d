"""Port TelemetryObserver: told what becomes of what a telemetry peer is to be told."""

from __future__ import annotations

from typing import Protocol


class TelemetryObserver(Protocol):
    """Plain bookkeeping, never I/O, never raises. `sink` is a TelemetrySink's name."""

    def delivered(self, sink: str, items: int) -> None: ...

    def dropped(self, sink: str, items: int) -> None: ...
