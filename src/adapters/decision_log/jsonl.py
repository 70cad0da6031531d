"""JsonlDecisionLog: JSON lines on disk, one hash chain per worker, in segments of bounded size."""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path
from typing import Literal

from llm_gateway.adapters.decision_log.chain import Chain
from llm_gateway.adapters.decision_log.retention import let_go
from llm_gateway.adapters.decision_log.segment import Segment, segments
from llm_gateway.adapters.decision_log.spool_reader import SpoolReader
from llm_gateway.adapters.decision_log.worker_directory import WorkerDirectory
from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.decision_log import DecisionLog, StoredRecord
from llm_gateway.domain.decision_record import DecisionRecord

_log = logging.getLogger(__name__)


class JsonlDecisionLog(DecisionLog):
    """To be opened before use. Records of one turn of the event loop are written with one `write`.

    A record is sealed when it is appended and written by `flush`, or at the latest when the loop comes
    round again; without a running loop, at once. What a full disk refuses is dropped and counted: the chain
    then links to the last record that is on disk, and the gap in `sequence` shows how many are missing.

    `segment_bytes` is where a segment ends, `max_bytes` bounds the whole spool, all workers together: as a
    segment begins, the oldest ones beyond it are let go.
    """

    def __init__(
        self,
        spool: Path,
        clock: Clock,
        *,
        slot: int = 0,
        segment_bytes: int = 16 * 1024 * 1024,
        max_bytes: int = 1024**3,
        durability: Literal["write", "fsync"] = "write",
    ) -> None:
        self.dropped = 0
        self._spool = spool
        self._clock = clock
        self._slot = slot
        self._segment_bytes = segment_bytes
        self._max_bytes = max_bytes
        self._fsync = durability == "fsync"
        self._reader = SpoolReader(spool)
        self._directory: WorkerDirectory | None = None
        self._chain = Chain()
        self._written_head = self._chain.head
        self._pending: list[bytes] = []
        self._scheduled = False
        self._failing = False
        self._file = -1
        self._number = 0
        self._size = 0

    def open(self) -> None:
        """Claim a directory and continue its chain. Raises OSError: without its log, no start."""
        self._directory = WorkerDirectory.claim(self._spool, self._slot)
        self._chain = self._directory.recover()
        self._written_head = self._chain.head
        existing = segments(self._directory.path)
        self._number = existing[-1].number if existing else 0
        if existing and existing[-1].size() < self._segment_bytes:
            self._use(existing[-1])
        else:
            self._begin_segment()

    def append(self, record: DecisionRecord) -> None:
        if self._directory is None:
            self.dropped += 1
            return
        try:
            self._pending.append(self._chain.seal(record))
        except (TypeError, ValueError) as exc:
            self._drop(1, exc)
            return
        if not self._scheduled:
            try:
                asyncio.get_running_loop().call_soon(self._turn)
            except RuntimeError:
                self.flush()
            else:
                self._scheduled = True

    def flush(self) -> None:
        if not self._pending:
            return
        lines, self._pending = self._pending, []
        try:
            if self._file < 0:
                self._begin_segment()
            self._write(b"".join(lines))
        except OSError as exc:
            self._chain.head = self._written_head
            self._drop(len(lines), exc)
            return
        self._written_head = self._chain.head
        self._failing = False
        if self._size >= self._segment_bytes:
            self._end_segment()

    def find(self, decision_id: str) -> StoredRecord | None:
        return self._reader.find(decision_id)

    def recent(self, *, since: float = 0.0, limit: int = 100) -> list[StoredRecord]:
        return self._reader.recent(since=since, limit=limit)

    def close(self) -> None:
        if self._directory is None:
            return
        self.flush()
        self._end_segment()
        self._directory.release()
        self._directory = None

    def _turn(self) -> None:
        self._scheduled = False
        self.flush()

    def _write(self, data: bytes) -> None:
        """All of it or nothing: half a line would be taken for the end of the segment. Raises OSError."""
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
            if self._fsync:
                os.fdatasync(self._file)
        except OSError:
            try:
                os.ftruncate(self._file, self._size)
            except OSError:
                self._end_segment()
            raise
        self._size += len(data)

    def _begin_segment(self) -> None:
        assert self._directory is not None
        start = int(self._clock.now() * 1000)
        self._use(Segment.named(self._directory.path, self._number + 1, start))
        try:
            gone = let_go(self._spool, self._max_bytes - self._segment_bytes)
        except OSError as exc:
            _log.error("old decision records could not be let go: %s", exc)
        else:
            if gone:
                _log.info(
                    "let go of %d segments of decision records, up to %s", len(gone), gone[-1].path.name
                )

    def _use(self, segment: Segment) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._file = os.open(segment.path, flags, 0o600)
        self._number = segment.number
        self._size = os.fstat(self._file).st_size

    def _end_segment(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _drop(self, records: int, reason: Exception) -> None:
        self.dropped += records
        if not self._failing:
            self._failing = True
            _log.error("decision records are being dropped: %s (%s)", type(reason).__name__, reason)
