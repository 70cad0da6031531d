"""FakeTraffic: a Traffic that says what it was given."""

from __future__ import annotations

from llm_gateway.application.ports.traffic import Traffic, TrafficTotals


class FakeTraffic(Traffic):
    def __init__(self, totals: TrafficTotals | None = None) -> None:
        self.given = totals or TrafficTotals()

    def totals(self) -> TrafficTotals:
        return self.given
