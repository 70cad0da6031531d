"""RunDrill: every fault, plain and streamed, against a configuration; and what became of the promises."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from llm_gateway.application.drill_case import DrillCase, Observation
from llm_gateway.application.judge_drill import Verdict, judge


class DrillStage(Protocol):
    async def observe(self, case: DrillCase) -> Observation:
        """Carry the case out, apart from every other."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillResult:
    case: DrillCase
    seen: Observation
    verdicts: tuple[Verdict, ...]

    @property
    def held(self) -> bool:
        return all(verdict.broken is None for verdict in self.verdicts)

    def document(self) -> dict[str, Any]:
        client = self.seen.client
        return {
            "fault": self.case.fault.name,
            "mode": self.case.mode,
            "client": {"saw": client.ending(), "status": client.status, "code": client.error().get("code")},
            "attempts": client.attempts(),
            "upstream_calls": [call.provider_id for call in self.seen.calls],
            "events": list(self.seen.decision_types),
            "held": self.held,
            "promises": {verdict.promise: verdict.broken for verdict in self.verdicts},
        }


class RunDrill:
    """`at_once` cases run side by side: most of a drill is waiting for timeouts."""

    def __init__(self, stage: DrillStage, *, at_once: int = 4) -> None:
        self._stage = stage
        self._turn = asyncio.Semaphore(at_once)

    async def __call__(self, cases: Sequence[DrillCase]) -> list[DrillResult]:
        """The results in the order of the cases."""
        return await asyncio.gather(*(self._one(case) for case in cases))

    async def _one(self, case: DrillCase) -> DrillResult:
        async with self._turn:
            seen = await self._stage.observe(case)
        return DrillResult(case=case, seen=seen, verdicts=judge(case, seen))
