"""Port TelemetryStatus: how telling the peers goes, as this worker knows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class TelemetryFigures:
    """`reachable` None: not tried yet. `last_success` is Unix seconds; `queued` waits in memory."""

    sink: str
    endpoint: str
    reachable: bool | None = None
    last_success: float | None = None
    queued: int = 0


class TelemetryStatus(Protocol):
    """Called by the status report, on the event loop; plain figures, never I/O."""

    def figures(self) -> tuple[TelemetryFigures, ...]:
        """One for each peer that is configured."""
        ...
