"""Retention: keeps a spool within its bound by letting whole segments go, the oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from llm_gateway.adapters.decision_log.delivery_mark import load_mark
from llm_gateway.adapters.decision_log.segment import Segment, segments, worker_directories
from llm_gateway.domain.spool_position import SpoolPosition

# What is done with an undelivered segment: nobody knows of delivery; it is the last to go; it stays.
Undelivered = Literal["unknown", "last", "kept"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LetGo:
    """The deleted segments and how many undelivered records were in them, by the saved marks."""

    segments: tuple[Segment, ...] = ()
    lost: int = 0


def let_go(spool: Path, max_bytes: int, undelivered: Undelivered = "unknown") -> LetGo:
    """Delete segments, of whichever worker, until at most `max_bytes` are left.

    The newest segment of a directory stays: its worker may be writing it, and it carries the chain on.
    Raises OSError.
    """
    kept = [segments(directory) for directory in worker_directories(spool)]
    total = sum(segment.size() for worker in kept for segment in worker)
    if total <= max_bytes:
        return LetGo()
    marks = {} if undelivered == "unknown" else _marks(spool)
    deleted: list[Segment] = []
    lost = 0
    candidates = [segment for worker in kept for segment in worker[:-1]]
    for segment in sorted(candidates, key=lambda s: (_waits(s, marks), s.start, s.path)):
        waits = _waits(segment, marks)
        if total <= max_bytes or (waits and undelivered == "kept"):
            break
        total -= segment.size()
        try:
            records = _records_after(segment, marks[segment.path.parent]) if waits else 0
            segment.path.unlink()
        except FileNotFoundError:
            continue  # another worker was faster, and has counted it
        lost += records
        deleted.append(segment)
    return LetGo(segments=tuple(deleted), lost=lost)


def undelivered_bytes(spool: Path) -> int:
    """How much waits for delivery, all workers together. Raises OSError."""
    total = 0
    for directory, mark in _marks(spool).items():
        for segment in segments(directory):
            if segment.number >= mark.segment:
                done = mark.offset if segment.number == mark.segment else 0
                total += max(0, segment.size() - done)
    return total


def _marks(spool: Path) -> dict[Path, SpoolPosition]:
    return {directory: load_mark(directory) for directory in worker_directories(spool)}


def _waits(segment: Segment, marks: dict[Path, SpoolPosition]) -> bool:
    mark = marks.get(segment.path.parent)
    return mark is not None and mark < SpoolPosition(segment.number, segment.size())


def _records_after(segment: Segment, mark: SpoolPosition) -> int:
    data = segment.path.read_bytes()
    return data.count(b"\n", mark.offset if mark.segment == segment.number else 0)
