"""TellFinished: a RequestObserver that hands each finished request's record on to those who want no more."""

from __future__ import annotations

from collections.abc import Callable

from typing_extensions import override

from llm_gateway.application.forwarding_observer import ForwardingObserver
from llm_gateway.application.ports.request_observer import RequestObserver
from llm_gateway.domain.usage_record import UsageRecord

RecordListener = Callable[[UsageRecord], None]


class TellFinished(ForwardingObserver):
    """`listeners` are called on the request path: plain bookkeeping, never I/O, and they never raise.

    One link for all of them and not one for each: what they do not look at is passed on once.
    """

    def __init__(self, inner: RequestObserver, *listeners: RecordListener) -> None:
        super().__init__(inner)
        self._listeners = listeners

    @override
    def finished(self, record: UsageRecord) -> None:
        self._inner.finished(record)
        for tell in self._listeners:
            tell(record)
