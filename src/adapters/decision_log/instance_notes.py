"""InstanceNotes: which instances have written a worker's directory of the spool, in `instances.json`.

    [{"instance": "00c527f6d4", "since": 1764000000000}]

An entry for each start, the newest last; `since` is the process's start in Unix milliseconds, so that a
record's time says whose it is. A spool on a shared volume outlives the instances that wrote it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from llm_gateway.adapters.file_replacement import replace_file

NAME = "instances.json"
_KEPT = 100


class _Note(msgspec.Struct):
    instance: str
    since: int


class InstanceNotes:
    """`directory` is asked for when there is something to write; `since` in Unix seconds."""

    def __init__(self, directory: Callable[[], Path], since: float) -> None:
        self._directory = directory
        self._since = since

    def __call__(self, instance: str) -> None:
        """Blocks; raises OSError. Notes that cannot be read are begun anew."""
        path = self._directory() / NAME
        try:
            notes = msgspec.json.decode(path.read_bytes(), type=list[_Note])
        except (FileNotFoundError, msgspec.DecodeError):
            notes = []
        notes.append(_Note(instance=instance, since=int(self._since * 1000)))
        replace_file(path, msgspec.json.encode(notes[-_KEPT:]), 0o600)
