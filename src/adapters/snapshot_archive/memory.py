"""MemorySnapshotArchive: the last snapshots of this process."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from llm_gateway.application.ports.snapshot_archive import SnapshotArchive


class MemorySnapshotArchive(SnapshotArchive):
    """Keeps documents as text, so that nobody changes a kept one through a reference to it."""

    def __init__(self, keep: int = 50) -> None:
        self._keep = keep
        self._documents: dict[str, str] = {}

    def save(self, hash: str, document: Mapping[str, Any]) -> None:
        self._documents.pop(hash, None)
        self._documents[hash] = json.dumps(document)
        while len(self._documents) > self._keep:
            del self._documents[next(iter(self._documents))]

    def load(self, hash: str) -> dict[str, Any] | None:
        text = self._documents.get(hash)
        document: dict[str, Any] | None = None if text is None else json.loads(text)
        return document

    def hashes(self) -> Sequence[str]:
        return tuple(reversed(self._documents))
