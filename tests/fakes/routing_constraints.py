"""FakeRoutingConstraints: a RoutingConstraints that judges as a test tells it to, and counts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from typing import Literal

from llm_gateway.application.ports.routing_constraints import (
    ConstraintsUnavailable,
    PolicyQuestion,
    RoutingConstraints,
)
from llm_gateway.domain.policy_verdict import PolicyVerdict, denial

ALLOW = PolicyVerdict(policy_id="fake", effect="allow")
DOWN = ConstraintsUnavailable("unreachable", "refused")

Judgement = PolicyVerdict | ConstraintsUnavailable


class FakeRoutingConstraints(RoutingConstraints):
    """`judgement` is given at once, unless `slow` holds every answer up until it is set.

    `asked` are the questions that were judged, `at_once` the most of them at the same time.
    """

    def __init__(
        self,
        judgement: Callable[[PolicyQuestion], Judgement] = lambda question: ALLOW,
        *,
        looks_at: Literal["target", "prompt"] = "target",
        name: str = "fake",
    ) -> None:
        self.name = name
        self.endpoint: str | None = "http://fake"
        self.looks_at = looks_at
        self.judgement = judgement
        self.slow: asyncio.Event | None = None
        self.asked: list[PolicyQuestion] = []
        self.at_once = 0
        self.closed = False
        self._running = 0

    def subject(self, question: PolicyQuestion) -> Hashable | None:
        if self.looks_at == "prompt":
            return question.prompt.digest if question.prompt is not None and question.prompt.text else None
        return (question.caller.id, question.tenant, question.provider_type, question.model)

    async def judge(self, question: PolicyQuestion) -> PolicyVerdict:
        self.asked.append(question)
        self._running += 1
        self.at_once = max(self.at_once, self._running)
        try:
            if self.slow is not None:
                await self.slow.wait()
            found = self.judgement(question)
        finally:
            self._running -= 1
        if isinstance(found, ConstraintsUnavailable):
            raise found
        return found

    async def aclose(self) -> None:
        self.closed = True


def denies(*models: str) -> Callable[[PolicyQuestion], Judgement]:
    return lambda question: denial("fake", "rule-1", "not that") if question.model in models else ALLOW
