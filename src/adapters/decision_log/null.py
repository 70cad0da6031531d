"""NullDecisionLog: keeps nothing. For tools that decide without leaving a trace."""

from __future__ import annotations

from llm_gateway.application.ports.decision_log import DecisionLog, StoredRecord
from llm_gateway.domain.decision_record import DecisionRecord


class NullDecisionLog(DecisionLog):
    """Nothing is asked to be kept, so nothing counts as dropped."""

    full = False

    def __init__(self) -> None:
        self.dropped = 0

    def append(self, record: DecisionRecord) -> None:
        pass

    def flush(self) -> None:
        pass

    def find(self, decision_id: str) -> StoredRecord | None:
        return None

    def recent(self, *, since: float = 0.0, limit: int = 100) -> list[StoredRecord]:
        return []

    def close(self) -> None:
        pass
