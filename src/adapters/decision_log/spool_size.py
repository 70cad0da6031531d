"""SpoolSize: how many bytes of decision records all workers together have on disk."""

from __future__ import annotations

from pathlib import Path

from llm_gateway.adapters.decision_log.segment import segments, worker_directories


class SpoolSize:
    def __init__(self, spool: Path) -> None:
        self._spool = spool

    def __call__(self) -> int:
        """Bytes. Blocks; raises OSError."""
        return sum(s.size() for directory in worker_directories(self._spool) for s in segments(directory))
