"""WorkerDirectory: the directory that one worker writes, held by a lock that dies with its process."""

from __future__ import annotations

import fcntl
import os
import re
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import msgspec

from llm_gateway.adapters.decision_log.chain import Chain, hashed_part
from llm_gateway.adapters.decision_log.segment import Segment, segments

_LOCK = "lock"
_NAME = re.compile(r"worker-(\d+)(?:\.(\d+))?").fullmatch


class _Position(msgspec.Struct):
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerDirectory:
    """`lock` is an open file descriptor; closing it gives the directory up."""

    path: Path
    lock: int

    @classmethod
    def claim(cls, spool: Path, slot: int) -> WorkerDirectory:
        """Take `worker-<slot>`, or `worker-<slot>.<n>` while another living process holds that.

        A directory left behind by a dead process is taken over with its chain. Raises OSError.
        """
        for attempt in count():
            path = spool / (f"worker-{slot}.{attempt}" if attempt else f"worker-{slot}")
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            claimed = cls.adopt(path)
            if claimed is not None:
                return claimed
        raise AssertionError("count() does not end")

    @classmethod
    def adopt(cls, path: Path) -> WorkerDirectory | None:
        """Take an existing directory; None while a living process holds it. Raises OSError."""
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        except OSError:
            os.close(lock)
            raise
        return cls(path=path, lock=lock)

    def recover(self) -> Chain:
        """Set torn ends aside and return the chain as its last whole line left it. Raises OSError."""
        for segment in reversed(segments(self.path)):
            chain = _recover_segment(segment)
            if chain is not None:
                return chain
        return Chain()

    def release(self) -> None:
        os.close(self.lock)


def slot_of(path: Path) -> tuple[int | None, int]:
    """The slot that a directory is of, None for another's name, and which further process in it (0: none)."""
    match = _NAME(path.name)
    return (int(match[1]), int(match[2] or 0)) if match else (None, 0)


def _recover_segment(segment: Segment) -> Chain | None:
    """Cut off what follows the last sound line, keeping it in `<segment>.torn`; None when nothing is sound.

    A torn line has no line feed; after a power loss a file system may also leave a run of zeros.
    """
    data = segment.path.read_bytes()
    end, chain = len(data), None
    while end:
        start = data.rfind(b"\n", 0, end - 1) + 1
        chain = _chain_after(data[start:end])
        if chain is not None:
            break
        end = start
    if end < len(data):
        with segment.path.with_suffix(".torn").open("ab") as aside:
            aside.write(data[end:])
        os.truncate(segment.path, end)
    return chain


def _chain_after(line: bytes) -> Chain | None:
    try:
        _, head = hashed_part(line)
        return Chain(sequence=msgspec.json.decode(line, type=_Position).sequence, head=head)
    except ValueError:  # msgspec's errors are ValueErrors, too
        return None
