"""Port InstanceName: what the platform calls this instance of the service."""

from __future__ import annotations

from typing import Protocol


class InstanceName(Protocol):
    def read(self) -> str | None:
        """Letters, digits, `.`, `_`, `-`; None when the platform does not say. Blocks for a few seconds at
        most; raises nothing."""
        ...
