"""NullAttemptLedger: remembers nothing."""

from __future__ import annotations

from collections.abc import Sequence

from typing_extensions import override

from llm_gateway.application.ports.attempt_ledger import AttemptLedger, AttemptRecord
from llm_gateway.domain.attempt import Attempt


class NullAttemptLedger(AttemptLedger):
    @override
    def keep(self, decision_id: str, attempts: Sequence[Attempt]) -> None:
        pass

    @override
    def find(self, decision_id: str) -> list[AttemptRecord] | None:
        return None
