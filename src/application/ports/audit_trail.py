"""Port AuditTrail: a stored decision log as a whole, for tools that read all of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailLine:
    """`place` says where it is (`<file>:<line>`). `body` are the bytes that `hash` was made from (with the
    hash before), canonical JSON; both are None for a line that is not a record's."""

    place: str
    body: bytes | None
    hash: str | None


class AuditTrail(Protocol):
    """Called by `audit verify`, `replay` and `backtest`, beside running gateways. Raises OSError."""

    def chains(self) -> Sequence[str]:
        """Names of the hash chains, one for each worker's directory."""
        ...

    def lines(self, chain: str) -> Iterator[TrailLine]:
        """A chain's whole lines, oldest first. A line that is still being written is not one yet."""
        ...
