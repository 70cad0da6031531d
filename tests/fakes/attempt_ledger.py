"""FakeAttemptLedger: an AttemptLedger in a dict."""

from __future__ import annotations

from collections.abc import Sequence

from llm_gateway.application.ports.attempt_ledger import AttemptLedger, AttemptRecord
from llm_gateway.domain.attempt import Attempt


class FakeAttemptLedger(AttemptLedger):
    def __init__(self) -> None:
        self._kept: dict[str, list[AttemptRecord]] = {}

    def keep(self, decision_id: str, attempts: Sequence[Attempt]) -> None:
        self._kept[decision_id] = [dict(attempt.as_record()) for attempt in attempts]

    def find(self, decision_id: str) -> list[AttemptRecord] | None:
        return self._kept.get(decision_id)
