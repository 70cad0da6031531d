"""DirectoryBacklog: one worker directory's records, read in order from where delivery stopped."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from typing_extensions import override

from llm_gateway.adapters.decision_log.dead_letters import DeadLetters
from llm_gateway.adapters.decision_log.delivery_mark import load_mark, save_mark
from llm_gateway.adapters.decision_log.segment import segments
from llm_gateway.application.ports.delivery_spool import Backlog, SpooledLine
from llm_gateway.domain.delivery_answer import DeliveryAnswer
from llm_gateway.domain.spool_position import SpoolPosition

_BLOCK_BYTES = 256 * 1024


class DirectoryBacklog(Backlog):
    """`end` says how far the writer has got. Beyond it there may be the part of a write that failed and that
    is about to be cut off again, so nothing beyond it is read."""

    def __init__(self, directory: Path, end: Callable[[], SpoolPosition]) -> None:
        self.name = str(directory)
        self._directory = directory
        self._end = end
        self._at = load_mark(directory)
        self._dead_letters = DeadLetters(directory)

    @override
    def end(self) -> SpoolPosition:
        return self._end()

    @override
    def count(self, end: SpoolPosition) -> int:
        return sum(block.count(b"\n") for _, block in self._blocks(self._at, end))

    @override
    def read(self, limit: int) -> Sequence[SpooledLine]:
        found: list[SpooledLine] = []
        for at, block in self._blocks(self._at, self._end()):
            offset = at.offset
            for line in block.splitlines(keepends=True):
                if len(found) == limit:
                    return found
                offset += len(line)
                self._at = SpoolPosition(at.segment, offset)
                found.append(SpooledLine(line=line[:-1], end=self._at))
            if len(found) == limit:
                break
        return found

    @override
    def save(self, position: SpoolPosition) -> None:
        save_mark(self._directory, position)

    @override
    def dead_letter(self, line: bytes, answer: DeliveryAnswer, *, attempts: int, at: float) -> None:
        self._dead_letters.add(line, answer, attempts=attempts, at=at)

    def _blocks(self, start: SpoolPosition, end: SpoolPosition) -> Iterator[tuple[SpoolPosition, bytes]]:
        """Runs of whole lines between two positions, each with where it begins."""
        for segment in segments(self._directory):
            if not start.segment <= segment.number <= end.segment:
                continue
            offset = start.offset if segment.number == start.segment else 0
            limit = end.offset if segment.number == end.segment else None
            for at, block in _whole_lines(segment.path, offset, limit):
                yield SpoolPosition(segment.number, at), block


def _whole_lines(path: Path, offset: int, limit: int | None) -> Iterator[tuple[int, bytes]]:
    """A file that has vanished, or that has become shorter, has none."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        stop = os.fstat(file).st_size if limit is None else limit
        size = _BLOCK_BYTES
        while offset < stop:
            chunk = os.pread(file, min(size, stop - offset), offset)
            block = chunk[: chunk.rfind(b"\n") + 1]
            if block:
                yield offset, block
                offset += len(block)
                size = _BLOCK_BYTES
            elif len(chunk) < size:
                return  # torn
            else:
                size *= 2
    finally:
        os.close(file)


def directory_end(directory: Path) -> SpoolPosition:
    """Where the log of a directory that nobody writes ends."""
    existing = segments(directory)
    if not existing:
        return SpoolPosition(0, 0)
    return SpoolPosition(existing[-1].number, existing[-1].size())
