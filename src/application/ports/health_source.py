"""Port HealthSource: what is known about the targets at this moment."""

from __future__ import annotations

from typing import Protocol

from llm_gateway.domain.health_view import HealthView
from llm_gateway.domain.routing_snapshot import RoutingSnapshot


class HealthSource(Protocol):
    """Called once per decision; never raises, never waits.

    Reading changes nothing: a dry run reads too, and must move no counter. The round-robin counter moves
    when an attempt begins.
    """

    def view(self, snapshot: RoutingSnapshot) -> HealthView:
        """The health of the snapshot's targets now. It need not outlive the decision it is read for."""
        ...
