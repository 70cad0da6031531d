"""RecordAttempts: keeps each finished request's attempts."""

from __future__ import annotations

from llm_gateway.application.ports.attempt_ledger import AttemptLedger
from llm_gateway.domain.usage_record import UsageRecord


class RecordAttempts:
    def __init__(self, ledger: AttemptLedger) -> None:
        self._ledger = ledger

    def __call__(self, record: UsageRecord) -> None:
        """A request that was never decided, or never tried, leaves nothing."""
        if record.decision_id and record.attempts:
            self._ledger.keep(record.decision_id, record.attempts)
