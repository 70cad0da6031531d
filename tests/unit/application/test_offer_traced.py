"""Which finished requests become spans."""

from __future__ import annotations

from dataclasses import replace

from llm_gateway.application.offer_traced import OfferTraced
from llm_gateway.application.traced_request import TracedRequest
from llm_gateway.domain.trace_context import TraceContext
from tests.samples.usage_records import usage_record

TRACE = TraceContext(trace_id="a" * 32, span_id=1)


def test_only_sampled_requests_are_offered() -> None:
    """Neither one without a trace nor one whose trace is only handed on."""
    offered: list[TracedRequest] = []
    tell = OfferTraced(offered.append, lambda: 9.0)
    unsampled, sampled = (replace(usage_record(), trace=replace(TRACE, sampled=is_)) for is_ in (False, True))
    for record in (usage_record(), unsampled, sampled):
        tell(record)
    assert offered == [TracedRequest(record=sampled, trace=TRACE, ended_at=9.0)]
