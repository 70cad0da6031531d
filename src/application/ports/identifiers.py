"""Port Identifiers: unique, time-ordered ids."""

from __future__ import annotations

from typing import Protocol


class Identifiers(Protocol):
    """Called once per request and per event; never raises."""

    def uuid7(self) -> str:
        """A fresh UUIDv7 (RFC 9562 §5.7) in its canonical text form; later ids sort after earlier ones."""
        ...
