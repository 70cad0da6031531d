"""Segment: one file of a decision log, JSON lines, written at its end only.

Segments live in `<spool>/worker-<slot>/<number>-<start>.jsonl`: the number counts up within the directory,
`start` is when the segment was begun, in Unix milliseconds, so that the time inside a UUIDv7 says which
segments can hold it. A last line without a line feed is torn: the writer died in the middle of it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

_BLOCK_BYTES = 256 * 1024
_NAME = re.compile(r"(\d{8})-(\d{13})\.jsonl").fullmatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """`start` in Unix milliseconds. The readers see a file that has vanished as an empty one."""

    path: Path
    number: int
    start: int

    @classmethod
    def named(cls, directory: Path, number: int, start: int) -> Segment:
        return cls(path=directory / f"{number:08d}-{start:013d}.jsonl", number=number, start=start)

    def size(self) -> int:
        """Bytes."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def find(self, needle: bytes) -> bytes | None:
        """The first whole line that holds `needle`, which has no line feed."""
        for block in self._blocks():
            at = block.find(needle)
            if at >= 0:
                return block[block.rfind(b"\n", 0, at) + 1 : block.find(b"\n", at) + 1]
        return None

    def oldest_first(self) -> Iterator[bytes]:
        """Every whole line, in the order written."""
        for block in self._blocks():
            yield from block.splitlines(keepends=True)

    def newest_first(self) -> Iterator[bytes]:
        """Every whole line, the last one first. What is written meanwhile is not seen."""
        for block in self._blocks_backwards():
            yield from reversed(block.splitlines(keepends=True))

    def _blocks(self) -> Iterator[bytes]:
        """Runs of whole lines, in the order written; a torn end is left out."""
        with _reading(self.path) as file:
            rest = b""
            while chunk := file.read(_BLOCK_BYTES):
                whole, feed, rest_of_chunk = chunk.rpartition(b"\n")
                if feed:
                    yield rest + whole + feed
                    rest = rest_of_chunk
                else:
                    rest += chunk

    def _blocks_backwards(self) -> Iterator[bytes]:
        """As `_blocks`, from the end."""
        with _reading(self.path) as file:
            position = file.seek(0, os.SEEK_END)
            block = b""
            torn = True
            while position:
                size = min(_BLOCK_BYTES, position)
                position -= size
                file.seek(position)
                block = file.read(size) + block
                if torn:
                    end = block.rfind(b"\n") + 1
                    block, torn = block[:end], not end
                first = block.find(b"\n") + 1 if position else 0
                if block and (first or not position):
                    yield block[first:]
                    block = block[:first]


def segments(directory: Path) -> list[Segment]:
    """A worker directory's segments, oldest first. A directory that has vanished has none."""
    try:
        names = [entry.name for entry in directory.iterdir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
    found = [match for name in names if (match := _NAME(name))]
    return [
        Segment.named(directory, int(match[1]), int(match[2])) for match in sorted(found, key=lambda m: m[0])
    ]


def worker_directories(spool: Path) -> list[Path]:
    """Every worker's directory of a spool, by name."""
    return sorted(path for path in spool.glob("worker-*") if path.is_dir())


def _reading(path: Path) -> BinaryIO:
    # Not mmap: a writer that cuts off a failed write would end a reader with SIGBUS.
    try:
        return path.open("rb")
    except FileNotFoundError:
        return BytesIO()
