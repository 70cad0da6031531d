"""FakeSnapshotArchive: a SnapshotArchive in a dict, whose documents a test may change."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from llm_gateway.application.ports.snapshot_archive import SnapshotArchive


class FakeSnapshotArchive(SnapshotArchive):
    def __init__(self, keep: int = 1000) -> None:
        self.documents: dict[str, dict[str, Any]] = {}
        self._keep = keep

    def save(self, hash: str, document: Mapping[str, Any]) -> None:
        self.documents.pop(hash, None)
        self.documents[hash] = json.loads(json.dumps(document))
        while len(self.documents) > self._keep:
            self.documents.pop(next(iter(self.documents)))

    def load(self, hash: str) -> dict[str, Any] | None:
        return self.documents.get(hash)

    def hashes(self) -> Sequence[str]:
        return tuple(reversed(self.documents))
