"""AccessLog: a RequestObserver that also writes one log line per request, for who asks for it."""

from __future__ import annotations

import logging

from typing_extensions import override

from llm_gateway.application.ports.request_observer import RequestObserver
from llm_gateway.domain.attempt import Attempt
from llm_gateway.domain.decision import Decision
from llm_gateway.domain.target import Target
from llm_gateway.domain.usage_record import UsageRecord

_log = logging.getLogger("llm_gateway.access")


class AccessLog(RequestObserver):
    """Wraps the observer that it passes everything on to. Never a body, a key or a prompt."""

    def __init__(self, inner: RequestObserver) -> None:
        self._inner = inner

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
        self._inner.finished(record)
        usage = record.usage
        _log.info(
            "request",
            extra={
                "request_id": record.request_id,
                "decision_id": record.decision_id,
                "tenant": record.tenant,
                "model": record.requested_model,
                "target": record.target.id if record.target is not None else None,
                "status": record.status,
                "streaming": record.streaming,
                "duration_ms": round(record.duration_ms, 3),
                "ttft_ms": round(record.ttft_ms, 3) if record.ttft_ms is not None else None,
                "attempts": len(record.attempts),
                "input_tokens": usage.input_tokens if usage is not None else None,
                "output_tokens": usage.output_tokens if usage is not None else None,
                "error": record.error_code,
            },
        )
