"""TracedRequest: a finished request of which spans are wanted."""

from __future__ import annotations

from dataclasses import dataclass

from llm_gateway.domain.trace_context import TraceContext
from llm_gateway.domain.usage_record import UsageRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedRequest:
    """`ended_at` is Unix seconds; every other time follows from it and the record's milliseconds."""

    record: UsageRecord
    trace: TraceContext
    ended_at: float
