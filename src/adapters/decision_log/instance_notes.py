"""InstanceNotes: which instances have written a worker's directory of the spool, in `instances.jsonl`.

    {"instance": "00c527f6d4", "since": 1764000000000}

A line for each start, the newest last; `since` is the process's start in Unix milliseconds, so that a
record's time says whose it is. A spool on a shared volume outlives the instances that wrote it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from llm_gateway.adapters.file_replacement import replace_file

NAME = "instances.jsonl"
_KEPT = 100


class InstanceNotes:
    """`directory` is asked for when there is something to write; `since` in Unix seconds."""

    def __init__(self, directory: Callable[[], Path], since: float) -> None:
        self._directory = directory
        self._since = since

    def __call__(self, instance: str) -> None:
        """Blocks; raises OSError."""
        path = self._directory() / NAME
        try:
            lines = path.read_bytes().splitlines(keepends=True)
        except FileNotFoundError:
            lines = []
        line = msgspec.json.encode({"instance": instance, "since": int(self._since * 1000)}) + b"\n"
        replace_file(path, b"".join([*lines[1 - _KEPT :], line]), 0o600)
