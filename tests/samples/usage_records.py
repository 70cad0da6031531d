"""A usage record that is valid, for tests that change one thing about it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from llm_gateway.domain.attempt import Attempt
from llm_gateway.domain.target import Target
from llm_gateway.domain.usage import Usage
from llm_gateway.domain.usage_record import UsageRecord

TARGET = Target("openai", "gpt-4o")
ATTEMPT = Attempt(target=TARGET, outcome="completed", started_ms=0.1, duration_ms=9.0, status=200)
RECORD = UsageRecord(
    decision_id="01938b2e-7c4a-7def-8123-456789abcdef",
    request_id="5f0c6a52-3f0e-4d0c-9c3e-0d6f3b1a2c4d",
    requested_model="fast",
    tenant="acme",
    target=TARGET,
    streaming=False,
    status="200",
    started_at=1_700_000_000.0,
    duration_ms=12.5,
    upstream_ms=11.0,
    ttft_ms=5.0,
    usage=Usage(input_tokens=30, output_tokens=12, cached_tokens=10, reasoning_tokens=2),
    finish_reason="stop",
    attempts=(ATTEMPT,),
    strategy="priority",
    snapshot_hash="ab" * 32,
)


def usage_record(**changes: Any) -> UsageRecord:
    return replace(RECORD, **changes)
