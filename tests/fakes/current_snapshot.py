"""FakeCurrentSnapshot: a CurrentSnapshot whose snapshot a test may swap."""

from __future__ import annotations

from llm_gateway.application.ports.current_snapshot import CurrentSnapshot
from llm_gateway.domain.routing_snapshot import RoutingSnapshot


class FakeCurrentSnapshot(CurrentSnapshot):
    def __init__(self, snapshot: RoutingSnapshot) -> None:
        self.snapshot = snapshot

    def current(self) -> RoutingSnapshot:
        return self.snapshot
