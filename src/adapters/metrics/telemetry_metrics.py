"""TelemetryMetrics: what becomes of telemetry, counted in the worker's shared cells."""

from __future__ import annotations

from typing_extensions import override

from llm_gateway.adapters.metrics import families as f
from llm_gateway.adapters.metrics.shared_cells import SharedCells
from llm_gateway.application.ports.telemetry_observer import TelemetryObserver


class TelemetryMetrics(TelemetryObserver):
    def __init__(self, cells: SharedCells) -> None:
        self._cells = cells

    def expect(self, sink: str) -> None:
        """Both counters of a configured sink are there, at 0, before anything is sent."""
        self._cells.child(f.TELEMETRY_DELIVERED, sink)
        self._cells.child(f.TELEMETRY_DROPPED, sink)

    @override
    def delivered(self, sink: str, items: int) -> None:
        self._cells.values[self._cells.child(f.TELEMETRY_DELIVERED, sink)] += items

    @override
    def dropped(self, sink: str, items: int) -> None:
        self._cells.values[self._cells.child(f.TELEMETRY_DROPPED, sink)] += items
