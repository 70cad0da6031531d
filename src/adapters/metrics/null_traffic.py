"""NullTraffic: nobody counts anything."""

from __future__ import annotations

from typing_extensions import override

from llm_gateway.application.ports.traffic import Traffic, TrafficTotals


class NullTraffic(Traffic):
    @override
    def totals(self) -> TrafficTotals:
        return TrafficTotals()
