"""DirectorySnapshotArchive: one file `<hash>.json` per snapshot, shared by the workers of a host."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from llm_gateway.application.ports.snapshot_archive import SnapshotArchive

_HASH = re.compile(r"[0-9a-f]{64}").fullmatch


class DirectorySnapshotArchive(SnapshotArchive):
    """Files appear whole (written aside, then renamed). Age is the file's modification time."""

    def __init__(self, directory: Path, *, keep: int = 50) -> None:
        self._directory = directory
        self._keep = keep

    def save(self, hash: str, document: Mapping[str, Any]) -> None:
        path = self._path(hash)
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = self._directory / f".{hash}.{os.getpid()}"
        aside.write_bytes(msgspec.json.encode(document))
        aside.replace(path)
        for old in self.hashes()[self._keep :]:
            self._path(old).unlink(missing_ok=True)

    def load(self, hash: str) -> dict[str, Any] | None:
        if not _HASH(hash):
            return None
        try:
            data = self._path(hash).read_bytes()
        except FileNotFoundError:
            return None
        return msgspec.json.decode(data, type=dict[str, Any])

    def hashes(self) -> Sequence[str]:
        ages: list[tuple[int, str]] = []
        for path in self._directory.glob("*.json"):
            try:
                ages.append((path.stat().st_mtime_ns, path.stem))
            except FileNotFoundError:  # another worker let it go
                continue
        return tuple(name for _, name in sorted(ages, reverse=True) if _HASH(name))

    def _path(self, hash: str) -> Path:
        """Raises ValueError for what is no hash: it becomes a file name."""
        if not _HASH(hash):
            raise ValueError(f"{hash!r} is not a snapshot hash")
        return self._directory / f"{hash}.json"
