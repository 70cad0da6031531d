"""FakeHealthSource: a HealthSource that answers with the view it was given."""

from __future__ import annotations

from llm_gateway.application.ports.health_source import HealthSource
from llm_gateway.domain.health_view import HealthView
from llm_gateway.domain.routing_snapshot import RoutingSnapshot


class FakeHealthSource(HealthSource):
    """`asked_for` holds the hash of every snapshot that health was asked for."""

    def __init__(self, health: HealthView | None = None) -> None:
        self.health = health or HealthView()
        self.asked_for: list[str] = []

    def view(self, snapshot: RoutingSnapshot) -> HealthView:
        self.asked_for.append(snapshot.hash)
        return self.health
