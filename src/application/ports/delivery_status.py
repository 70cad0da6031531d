"""Port DeliveryStatus: how the delivery of decision records goes, as this worker knows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFigures:
    """`reachable` None: not tried yet. `pending` records of this worker's log and of those it has adopted;
    `oldest_pending` is the time of the oldest and `last_success` that of the last delivery, Unix seconds."""

    configured: bool
    reachable: bool | None = None
    last_success: float | None = None
    pending: int = 0
    oldest_pending: float | None = None


NOT_DELIVERED = DeliveryFigures(configured=False)


class DeliveryStatus(Protocol):
    """Called by the status report, on the event loop; plain figures, never I/O."""

    def figures(self) -> DeliveryFigures: ...
