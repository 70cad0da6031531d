"""RecordAttempts: a RequestObserver that also keeps each request's attempts."""

from __future__ import annotations

from typing_extensions import override

from llm_gateway.application.ports.attempt_ledger import AttemptLedger
from llm_gateway.application.ports.request_observer import RequestObserver
from llm_gateway.domain.attempt import Attempt
from llm_gateway.domain.decision import Decision
from llm_gateway.domain.target import Target
from llm_gateway.domain.usage_record import UsageRecord


class RecordAttempts(RequestObserver):
    """Wraps the observer that it passes everything on to."""

    def __init__(self, inner: RequestObserver, ledger: AttemptLedger) -> None:
        self._inner = inner
        self._ledger = ledger

    @override
    def decided(self, decision: Decision, seconds: float) -> None:
        self._inner.decided(decision, seconds)

    @override
    def attempt_started(self, target: Target) -> None:
        self._inner.attempt_started(target)

    @override
    def attempt_finished(self, attempt: Attempt, *, started: bool = True) -> None:
        self._inner.attempt_finished(attempt, started=started)

    @override
    def fell_back(self, source: Target, to: Target, reason: str) -> None:
        self._inner.fell_back(source, to, reason)

    @override
    def finished(self, record: UsageRecord) -> None:
        if record.decision_id and record.attempts:
            self._ledger.keep(record.decision_id, record.attempts)
        self._inner.finished(record)
