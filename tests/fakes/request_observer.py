"""FakeRequestObserver: remembers everything it was told."""

from __future__ import annotations

from llm_gateway.application.ports.request_observer import RequestObserver
from llm_gateway.domain.attempt import Attempt
from llm_gateway.domain.decision import Decision
from llm_gateway.domain.target import Target
from llm_gateway.domain.usage_record import UsageRecord


class FakeRequestObserver(RequestObserver):
    """`running` counts attempts that were told to have started and not to have ended."""

    def __init__(self) -> None:
        self.decisions: list[Decision] = []
        self.attempts: list[Attempt] = []
        self.fallbacks: list[tuple[str, str, str]] = []
        self.records: list[UsageRecord] = []
        self.running = 0

    def decided(self, decision: Decision, seconds: float) -> None:
        self.decisions.append(decision)

    def attempt_started(self, target: Target) -> None:
        self.running += 1

    def attempt_finished(self, attempt: Attempt, *, started: bool = True) -> None:
        self.running -= started
        self.attempts.append(attempt)

    def fell_back(self, source: Target, to: Target, reason: str) -> None:
        self.fallbacks.append((source.id, to.id, reason))

    def finished(self, record: UsageRecord) -> None:
        self.records.append(record)
