"""NullRoutingConstraints: no peer is configured, nothing is judged."""

from __future__ import annotations

from typing import Literal

from typing_extensions import override

from llm_gateway.application.ports.routing_constraints import (
    ConstraintsUnavailable,
    PolicyQuestion,
    RoutingConstraints,
)
from llm_gateway.domain.policy_verdict import PolicyVerdict


class NullRoutingConstraints(RoutingConstraints):
    """Has an opinion on nothing, so that it leaves no constraint anywhere."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.endpoint: str | None = None
        self.looks_at: Literal["target", "prompt"] = "target"

    @override
    def subject(self, question: PolicyQuestion) -> None:
        return None

    @override
    async def judge(self, question: PolicyQuestion) -> PolicyVerdict:
        raise ConstraintsUnavailable("unreachable", "none is configured")

    @override
    async def aclose(self) -> None:
        pass
