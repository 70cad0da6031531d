"""Port RequestObserver: told what happened, once it has happened (metrics, telemetry, cost)."""

from __future__ import annotations

from typing import Protocol

from llm_gateway.domain.attempt import Attempt
from llm_gateway.domain.decision import Decision
from llm_gateway.domain.target import Target
from llm_gateway.domain.usage_record import UsageRecord


class RequestObserver(Protocol):
    """Called on the request path: each call is plain bookkeeping, never I/O, and never raises."""

    def decided(self, decision: Decision, seconds: float) -> None:
        """One decision was made (dry runs are not told)."""
        ...

    def attempt_started(self, target: Target) -> None: ...

    def attempt_finished(self, attempt: Attempt, *, started: bool = True) -> None:
        """`started` False: the gateway did not let the call happen, so nothing was told to have started."""
        ...

    def fell_back(self, source: Target, to: Target, reason: str) -> None: ...

    def finished(self, record: UsageRecord) -> None:
        """One request has ended, however it did."""
        ...
