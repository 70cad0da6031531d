"""Port RouteObserver: told of requests that only wanted a decision, nothing executed."""

from __future__ import annotations

from typing import Protocol


class RouteObserver(Protocol):
    """Called by PlanRoute: plain bookkeeping, never I/O, never raises. Dry runs are not told."""

    def route_planned(self, seconds: float, *, selected: bool, at: float) -> None:
        """One was decided at Unix seconds `at`, which took `seconds`; not `selected` means rejected."""
        ...
