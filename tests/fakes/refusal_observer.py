"""FakeRefusalObserver: remembers the reasons."""

from __future__ import annotations

from llm_gateway.application.ports.refusal_observer import Refusal, RefusalObserver


class FakeRefusalObserver(RefusalObserver):
    def __init__(self) -> None:
        self.reasons: list[Refusal] = []

    def refused(self, reason: Refusal) -> None:
        self.reasons.append(reason)
