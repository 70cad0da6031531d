"""What a finished request came to, in the words of those who are told of it."""

from __future__ import annotations

from typing import Literal

from llm_gateway.domain.usage_record import UsageRecord

RequestOutcome = Literal["success", "partial", "failed", "timeout", "cancelled"]
RoutingOutcome = Literal["routed", "queued", "rejected", "fallback"]

_SUCCESS = "200"
_TIMEOUTS = frozenset({"408", "504"})
# A call in one of these classes may have run, and so may have been billed (behaviour.md §3).
_MAY_HAVE_RUN = frozenset({"completed", "partial", "unknown", "cancelled"})


def request_outcome(record: UsageRecord) -> RequestOutcome:
    """A stream that was cut before any content is a failure: nobody has a part of it."""
    if record.status == _SUCCESS:
        return "success"
    if record.status == "client_closed":
        return "cancelled"
    if record.status == "truncated" and record.ttft_ms is not None:
        return "partial"
    return "timeout" if record.status in _TIMEOUTS else "failed"


def routing_outcome(record: UsageRecord) -> RoutingOutcome:
    """The most remarkable thing that routing did: select nothing, go on to another target, wait its turn."""
    if record.target is None:
        return "rejected"
    if any(attempt.target != record.target for attempt in record.attempts):
        return "fallback"
    return "queued" if record.queued_ms > 0 else "routed"


def may_have_cost(record: UsageRecord) -> bool:
    """Whether an upstream may have done something for it: refusals and calls never sent cost nothing."""
    return record.usage is not None or any(a.outcome in _MAY_HAVE_RUN for a in record.attempts)
