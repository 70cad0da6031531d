"""The access log: one line per finished request, for who asks for it."""

from __future__ import annotations

import logging

from llm_gateway.domain.usage_record import UsageRecord

_log = logging.getLogger("llm_gateway.access")


def log_request(record: UsageRecord) -> None:
    """Never a body, a key or a prompt."""
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
