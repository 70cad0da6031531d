"""JsonlDecisionLog: JSON lines on disk, one hash chain per worker, in segments of bounded size."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from llm_gateway.adapters.decision_log.chain import Chain
from llm_gateway.adapters.decision_log.segment import Segment, segments
from llm_gateway.adapters.decision_log.spool_bound import SpoolBound
from llm_gateway.adapters.decision_log.spool_reader import SpoolReader
from llm_gateway.adapters.decision_log.worker_directory import WorkerDirectory
from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.decision_log import DecisionLog, StoredRecord
from llm_gateway.domain.decision_record import DecisionRecord
from llm_gateway.domain.spool_position import BEGINNING, SpoolPosition

_PROBE_BYTES = 64 * 1024

_log = logging.getLogger(__name__)


class JsonlDecisionLog(DecisionLog):
    """To be opened before use. Records of one turn of the event loop are written with one `write`.

    A record is sealed when it is appended and written by `flush`, or at the latest when the loop comes
    round again; without a running loop, at once. What a full disk refuses is dropped and counted: the chain
    then links to the last record that is on disk, and the gap in `sequence` shows how many are missing.

    `segment_bytes` is where a segment ends. `max_bytes` bounds the whole spool, all workers together, as
    `SpoolBound` says; `delivering` means that records are to leave it for the event service. `on_written`
    is told how many records each write held.
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
        when_full: Literal["drop_oldest", "reject"] = "drop_oldest",
        delivering: bool = False,
    ) -> None:
        self.dropped = 0
        self.on_written: Callable[[int], None] | None = None
        self._spool = spool
        self._clock = clock
        self._slot = slot
        self._segment_bytes = segment_bytes
        self._rejects = when_full == "reject"
        self._bound = SpoolBound(
            spool, max_bytes, segment_bytes=segment_bytes, delivering=delivering, when_full=when_full
        )
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

    @property
    def full(self) -> bool:
        return self._rejects and (self._failing or self._bound.full)

    @property
    def directory(self) -> Path:
        """This worker's. The log must be open."""
        assert self._directory is not None
        return self._directory.path

    def written(self) -> SpoolPosition:
        """Where the last record that is safely written ends."""
        return SpoolPosition(self._number, self._size) if self._number else BEGINNING

    def tend(self) -> int:
        """Every second or so: look at the bound, and whether a full disk takes bytes again.

        Returns how many records were let go undelivered, for the event loop to add to `dropped`. Blocks.
        """
        lost = self._bound.keep()
        if self._failing and self._rejects and self._takes_bytes():
            self._failing = False
        return lost

    def append(self, record: DecisionRecord) -> None:
        if self._directory is None:
            self.dropped += 1
            return
        try:
            self._pending.append(self._chain.seal(record))
        except ValueError as exc:
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
        if self.on_written is not None:
            self.on_written(len(lines))
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
        self.dropped += self._bound.keep()

    def _use(self, segment: Segment) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._file = os.open(segment.path, flags, 0o600)
        self._number = segment.number
        self._size = os.fstat(self._file).st_size

    def _end_segment(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _takes_bytes(self) -> bool:
        """Nobody writes while requests are rejected, so somebody has to try."""
        if self._directory is None:
            return False
        probe = self._directory.path / "probe"
        try:
            probe.write_bytes(bytes(_PROBE_BYTES))
            probe.unlink()
        except OSError:
            return False
        return True

    def _drop(self, records: int, reason: Exception) -> None:
        self.dropped += records
        if not self._failing:
            self._failing = True
            _log.error("decision records are being dropped: %s (%s)", type(reason).__name__, reason)
