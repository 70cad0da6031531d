"""FakeRefusalObserver: remembers the reasons."""

from __future__ import annotations

from llm_gateway.application.ports.refusal_observer import Refusal, RefusalObserver


class FakeRefusalObserver(RefusalObserver):
    def __init__(self) -> None:
        self.reasons: list[Refusal] = []
        self.principals: list[str | None] = []

    def refused(self, reason: Refusal, principal: str | None = None) -> None:
        self.reasons.append(reason)
        self.principals.append(principal)
