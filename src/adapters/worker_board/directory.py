"""DirectoryWorkerBoard: one small JSON file for each worker, in a directory that the workers share."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec
from typing_extensions import override

from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.worker_board import WorkerBoard, WorkerNotice

STALE_S = 15.0

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(WorkerNotice).decode


class DirectoryWorkerBoard(WorkerBoard):
    """A notice counts as long as its process is there and it is younger than STALE_S: process ids come
    round again, and a worker that hangs is no better than one that is gone."""

    def __init__(self, directory: Path, clock: Clock) -> None:
        self._directory = directory
        self._clock = clock

    @override
    def publish(self, notice: WorkerNotice) -> None:
        # Not synced: what is lost with the machine says nothing any more.
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = self._directory / f".{notice.worker}.{notice.pid}"
        aside.write_bytes(_encode(notice))
        aside.replace(self._directory / f"{notice.worker}.json")

    @override
    def read(self) -> Sequence[WorkerNotice]:
        found = (self._notice(path) for path in self._directory.glob("*.json"))
        living = (notice for notice in found if notice is not None and self._lives(notice))
        return tuple(sorted(living, key=lambda notice: notice.worker))

    def _notice(self, path: Path) -> WorkerNotice | None:
        try:
            return _decode(path.read_bytes())
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def _lives(self, notice: WorkerNotice) -> bool:
        return self._clock.now() - notice.published_at < STALE_S and _exists(notice.pid)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
