"""One log line per request."""

from __future__ import annotations

import logging

import pytest

from llm_gateway.adapters.access_log import log_request
from llm_gateway.domain.target import Target
from llm_gateway.domain.usage import Usage
from llm_gateway.domain.usage_record import UsageRecord

RECORD = UsageRecord(
    decision_id="d-1",
    request_id="r-1",
    requested_model="fast",
    tenant="acme",
    target=Target("openai", "gpt-4o"),
    streaming=True,
    status="truncated",
    started_at=0.0,
    duration_ms=12.3456,
    upstream_ms=11.0,
    usage=Usage(input_tokens=3, output_tokens=4),
    error_code="upstream_disconnected",
)


def test_a_request_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """Everything that an operator looks for is a field of its own."""
    with caplog.at_level(logging.INFO, "llm_gateway.access"):
        log_request(RECORD)
    (line,) = caplog.records
    said = {name: getattr(line, name) for name in ("request_id", "decision_id", "status", "target", "error")}
    assert said == {
        "request_id": "r-1",
        "decision_id": "d-1",
        "status": "truncated",
        "target": "openai/gpt-4o",
        "error": "upstream_disconnected",
    }
