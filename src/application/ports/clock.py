"""Port Clock: the time, in the two forms that the gateway needs."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """Called everywhere time matters; never raises."""

    def now(self) -> float:
        """Unix time in seconds, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since an arbitrary start; never goes back."""
        ...
