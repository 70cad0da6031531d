"""Port CurrentSnapshot: the routing configuration in force."""

from __future__ import annotations

from typing import Protocol

from llm_gateway.domain.routing_snapshot import RoutingSnapshot


class CurrentSnapshot(Protocol):
    """Called once per request, before its first decision; never raises, never waits."""

    def current(self) -> RoutingSnapshot:
        """The snapshot that new requests are routed by. A reload swaps it; who holds one keeps it."""
        ...
