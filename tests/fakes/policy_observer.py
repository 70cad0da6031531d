"""FakePolicyObserver: keeps what it was told, `<peer> <result>` each, in order."""

from __future__ import annotations

from llm_gateway.application.ports.policy_observer import CheckResult, PolicyObserver


class FakePolicyObserver(PolicyObserver):
    def __init__(self) -> None:
        self.told: list[str] = []

    def checked(self, peer: str, result: CheckResult) -> None:
        self.told.append(f"{peer} {result}")
