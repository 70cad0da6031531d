"""SpoolReader: reads the records of every worker of a spool, while they are being written."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator
from itertools import islice, takewhile
from pathlib import Path

import msgspec

from llm_gateway.adapters.decision_log.segment import Segment, segments, worker_directories
from llm_gateway.application.ports.decision_log import StoredRecord
from llm_gateway.domain.decision_event import timestamp

# A decision's id is made a moment before its record is written; clocks are set back now and then.
_CLOCK_SLACK_MS = 60_000

_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}").fullmatch
_decode = msgspec.json.Decoder(StoredRecord).decode


class SpoolReader:
    """Safe to use from any thread and beside any number of writers: whole lines never change."""

    def __init__(self, spool: Path) -> None:
        self._spool = spool

    def find(self, decision_id: str) -> StoredRecord | None:
        """The record of a decision. The time inside its UUIDv7 narrows the segments that are searched."""
        if not _UUID7(decision_id):
            return None
        milliseconds = int(decision_id[:8] + decision_id[9:13], 16)
        needle = b'"execution_ref":"' + decision_id.encode("ascii") + b'"'
        for directory in worker_directories(self._spool):
            for segment in _covering(segments(directory), milliseconds):
                line = segment.find(needle)
                if line is not None:
                    return _record(line)
        return None

    def recent(self, *, since: float = 0.0, limit: int = 100) -> list[StoredRecord]:
        """The newest records of all workers, newest first; `since` in Unix seconds."""
        earliest = timestamp(since)
        workers = [
            takewhile(lambda record: record["timestamp"] >= earliest, _newest_first(directory))
            for directory in worker_directories(self._spool)
        ]
        merged = heapq.merge(*workers, key=lambda record: record["timestamp"], reverse=True)
        return list(islice(merged, limit))


def _covering(candidates: list[Segment], milliseconds: int) -> Iterator[Segment]:
    """Those that were being written at that time, give or take the slack."""
    for index, segment in enumerate(candidates):
        begun = segment.start - _CLOCK_SLACK_MS <= milliseconds
        last = index + 1 == len(candidates)
        if begun and (last or milliseconds <= candidates[index + 1].start + _CLOCK_SLACK_MS):
            yield segment


def _newest_first(directory: Path) -> Iterator[StoredRecord]:
    for segment in reversed(segments(directory)):
        for line in segment.newest_first():
            record = _record(line)
            if record is not None:
                yield record


def _record(line: bytes) -> StoredRecord | None:
    """None for a line that a power loss has spoiled: `audit verify` names those, readers pass over them."""
    try:
        return _decode(line)
    except msgspec.DecodeError:
        return None
