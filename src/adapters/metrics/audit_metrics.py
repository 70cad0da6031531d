"""AuditMetrics: what becomes of decision records, counted in the worker's shared cells."""

from __future__ import annotations

from typing_extensions import override

from llm_gateway.adapters.metrics import families as f
from llm_gateway.adapters.metrics.shared_cells import SharedCells
from llm_gateway.application.ports.audit_observer import AuditObserver


class AuditMetrics(AuditObserver):
    def __init__(self, cells: SharedCells) -> None:
        self._values = cells.values
        self._delivered = cells.child(f.AUDIT_DELIVERED)
        self._dead_lettered = cells.child(f.AUDIT_DEAD_LETTERS)
        self._dropped = cells.child(f.AUDIT_DROPPED)
        self._pending = cells.child(f.AUDIT_SPOOL_EVENTS)
        self._bytes = cells.child(f.AUDIT_SPOOL_BYTES)

    @override
    def delivered(self) -> None:
        self._values[self._delivered] += 1

    @override
    def dead_lettered(self) -> None:
        self._values[self._dead_lettered] += 1

    @override
    def dropped(self, records: int) -> None:
        self._values[self._dropped] += records

    @override
    def spool(self, pending: int, spool_bytes: int) -> None:
        self._values[self._pending] = pending
        self._values[self._bytes] = spool_bytes
