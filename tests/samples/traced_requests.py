"""Finished requests of which spans are wanted, one for each way that a request can end."""

from __future__ import annotations

from typing import Any

from llm_gateway.application.traced_request import TracedRequest
from llm_gateway.domain.attempt import Attempt
from llm_gateway.domain.target import Target
from llm_gateway.domain.trace_context import RemoteParent, TraceContext
from tests.samples.usage_records import ATTEMPT, usage_record

PARENT = RemoteParent(trace_id="4bf92f3577b34da6a3ce929d0e0e4736", span_id="00f067aa0ba902b7", sampled=True)
TRACE = TraceContext(trace_id=PARENT.trace_id, span_id=0xABCD, parent=PARENT, state="rojo=1")
ENDED = 1_700_000_000.5
OTHER = Target("other", "claude-haiku")
REJECTED = Attempt(
    target=OTHER,
    outcome="rejected",
    started_ms=0.5,
    duration_ms=2.0,
    status=429,
    error="rate_limit_exceeded",
)


def traced(**changes: Any) -> TracedRequest:
    """A plain answer of one call, with the record's `changes`."""
    return TracedRequest(record=usage_record(trace=TRACE, **changes), trace=TRACE, ended_at=ENDED)


PLAIN = traced()
STREAMED = traced(
    streaming=True,
    attempts=(
        Attempt(
            target=ATTEMPT.target,
            outcome="completed",
            started_ms=0.1,
            duration_ms=9.0,
            status=200,
            ttfb_ms=4.0,
        ),
    ),
)
FELL_BACK = traced(attempts=(REJECTED, ATTEMPT))
