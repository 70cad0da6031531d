"""OfferTraced: hands finished requests on when they are sampled; told of every one."""

from __future__ import annotations

from collections.abc import Callable

from llm_gateway.application.traced_request import TracedRequest
from llm_gateway.domain.usage_record import UsageRecord


class OfferTraced:
    """`now` is Unix seconds."""

    def __init__(self, offer: Callable[[TracedRequest], None], now: Callable[[], float]) -> None:
        self._offer = offer
        self._now = now

    def __call__(self, record: UsageRecord) -> None:
        trace = record.trace
        if trace is not None and trace.sampled:
            self._offer(TracedRequest(record=record, trace=trace, ended_at=self._now()))
