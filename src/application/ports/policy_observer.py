"""Port PolicyObserver: told what policy peers answered, or that they did not."""

from __future__ import annotations

from typing import Literal, Protocol

from llm_gateway.application.ports.routing_constraints import Failure

CheckResult = Literal["allow", "deny", "not_asked"] | Failure


class PolicyObserver(Protocol):
    """Plain bookkeeping, never I/O, never raises."""

    def checked(self, peer: str, result: CheckResult) -> None:
        """A peer was asked and this came of it. `not_asked`: it has failed too often just before."""
        ...
