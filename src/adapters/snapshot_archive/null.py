"""NullSnapshotArchive: keeps nothing, so nothing can be replayed or reverted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llm_gateway.application.ports.snapshot_archive import SnapshotArchive


class NullSnapshotArchive(SnapshotArchive):
    def save(self, hash: str, document: Mapping[str, Any]) -> None:
        pass

    def load(self, hash: str) -> dict[str, Any] | None:
        return None

    def hashes(self) -> Sequence[str]:
        return ()
