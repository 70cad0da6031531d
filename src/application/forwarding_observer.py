"""ForwardingObserver: a RequestObserver that tells another one everything, for those who want some of it."""

from __future__ import annotations

from typing_extensions import override

from llm_gateway.application.ports.request_observer import RequestObserver
from llm_gateway.domain.attempt import Attempt
from llm_gateway.domain.decision import Decision
from llm_gateway.domain.target import Target
from llm_gateway.domain.usage_record import UsageRecord

_METHODS = ("decided", "attempt_started", "attempt_finished", "fell_back", "finished")


class ForwardingObserver(RequestObserver):
    """Subclasses override what they look at and call `super()` in it.

    What one does not look at is the inner one's own method, so that a link in the chain costs nothing there.
    """

    def __init__(self, inner: RequestObserver) -> None:
        self._inner = inner
        for name in _METHODS:
            if getattr(type(self), name) is getattr(ForwardingObserver, name):
                setattr(self, name, getattr(inner, name))

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
