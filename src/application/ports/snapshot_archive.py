"""Port SnapshotArchive: past routing snapshots by their hash, for replay and revert."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class SnapshotArchive(Protocol):
    """Called by reload, replay and revert, never on the request path. Keeps a bounded number."""

    def save(self, hash: str, document: Mapping[str, Any]) -> None:
        """Keep a snapshot's document. Saving one again makes it the newest. Raises OSError."""
        ...

    def load(self, hash: str) -> dict[str, Any] | None:
        """The document with that hash, or None when it was never saved or has been let go. Raises OSError."""
        ...

    def hashes(self) -> Sequence[str]:
        """What can be loaded, newest first. Raises OSError."""
        ...
