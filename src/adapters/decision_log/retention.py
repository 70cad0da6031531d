"""Retention: keeps a spool within its bound by letting whole segments go, the oldest first."""

from __future__ import annotations

from pathlib import Path

from llm_gateway.adapters.decision_log.segment import Segment, segments, worker_directories


def let_go(spool: Path, max_bytes: int) -> list[Segment]:
    """Delete segments, of whichever worker, until at most `max_bytes` are left; returns the deleted ones.

    The newest segment of a directory stays: its worker may be writing it, and it carries the chain on.
    Raises OSError.
    """
    kept = [segments(directory) for directory in worker_directories(spool)]
    total = sum(segment.size() for worker in kept for segment in worker)
    deleted: list[Segment] = []
    for segment in sorted((s for worker in kept for s in worker[:-1]), key=lambda s: (s.start, s.path)):
        if total <= max_bytes:
            break
        total -= segment.size()
        segment.path.unlink(missing_ok=True)
        deleted.append(segment)
    return deleted
