"""FakeTelemetryObserver: adds up what it is told, by sink."""

from __future__ import annotations

from collections import Counter

from llm_gateway.application.ports.telemetry_observer import TelemetryObserver


class FakeTelemetryObserver(TelemetryObserver):
    def __init__(self) -> None:
        self.deliveries: Counter[str] = Counter()
        self.drops: Counter[str] = Counter()

    def delivered(self, sink: str, items: int) -> None:
        self.deliveries[sink] += items

    def dropped(self, sink: str, items: int) -> None:
        self.drops[sink] += items
