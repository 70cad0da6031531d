"""RunDrill: every case is carried out and judged, in order."""

from __future__ import annotations

import asyncio

from llm_gateway.application.drill_case import FAULTS, ClientView, DrillCase, Observation
from llm_gateway.application.run_drill import RunDrill

CASES = [DrillCase(model="m", fault=fault, mode="plain") for fault in FAULTS]


class SilentStage:
    """Nobody answers anything."""

    def __init__(self) -> None:
        self.running = self.most = 0

    async def observe(self, case: DrillCase) -> Observation:
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0)
        self.running -= 1
        return Observation(client=ClientView(status=None, headers={}, body=b"", complete=False))


async def test_results_come_in_the_order_of_the_cases() -> None:
    """At most so many at once."""
    stage = SilentStage()
    results = await RunDrill(stage, at_once=3)(CASES)
    assert [result.case for result in results] == CASES and stage.most == 3


async def test_silence_holds_no_promise_of_honesty() -> None:
    """And the document says which one is broken, and how."""
    (result,) = await RunDrill(SilentStage())(CASES[:1])
    document = result.document()
    assert not result.held and document["held"] is False
    assert "neither an answer nor an error" in document["promises"]["honest"]
    assert document["client"] == {"saw": "broken", "status": None, "code": None}
