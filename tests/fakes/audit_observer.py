"""FakeAuditObserver: adds up what it is told."""

from __future__ import annotations

from llm_gateway.application.ports.audit_observer import AuditObserver


class FakeAuditObserver(AuditObserver):
    def __init__(self) -> None:
        self.deliveries = 0
        self.dead_letters = 0
        self.drops = 0
        self.last_spool: tuple[int, int] | None = None

    def delivered(self) -> None:
        self.deliveries += 1

    def dead_lettered(self) -> None:
        self.dead_letters += 1

    def dropped(self, records: int) -> None:
        self.drops += records

    def spool(self, pending: int, spool_bytes: int) -> None:
        self.last_spool = (pending, spool_bytes)
