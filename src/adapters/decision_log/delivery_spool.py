"""SpoolDeliveries: the logs of a spool that this worker is to deliver: its own, and those of dead workers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from typing_extensions import override

from llm_gateway.adapters.decision_log.backlog import DirectoryBacklog, directory_end
from llm_gateway.adapters.decision_log.delivery_mark import load_mark
from llm_gateway.adapters.decision_log.jsonl import JsonlDecisionLog
from llm_gateway.adapters.decision_log.segment import worker_directories
from llm_gateway.adapters.decision_log.worker_directory import WorkerDirectory, slot_of
from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.delivery_spool import Backlog, DeliverySpool

# A worker that died is started again in its slot, and then it goes on with its log by itself.
_SUCCESSOR_S = 15.0


class SpoolDeliveries(DeliverySpool):
    """`workers` is the number of slots: a log of a slot beyond them, or of a second process in one, is
    adopted at once; others only when nobody has come for them for a while."""

    def __init__(self, spool: Path, log: JsonlDecisionLog, clock: Clock, *, workers: int) -> None:
        self._spool = spool
        self._log = log
        self._clock = clock
        self._workers = workers
        self._seen_at: dict[Path, float] = {}
        self._adopted: dict[str, WorkerDirectory] = {}

    @override
    def own(self) -> Backlog:
        return DirectoryBacklog(self._log.directory, self._log.written)

    @override
    def adopt(self) -> Sequence[Backlog]:
        found = []
        for path in worker_directories(self._spool):
            if path == self._log.directory or load_mark(path) >= directory_end(path):
                self._seen_at.pop(path, None)
            elif self._may_try(path) and (claimed := WorkerDirectory.adopt(path)) is not None:
                backlog = self._take(claimed)
                if backlog is not None:
                    found.append(backlog)
        return found

    @override
    def release(self, backlog: Backlog) -> None:
        claimed = self._adopted.pop(backlog.name, None)
        if claimed is not None:
            claimed.release()

    def _may_try(self, path: Path) -> bool:
        """Trying takes the lock for a moment, which a successor must not run into."""
        slot, further = slot_of(path)
        if further or slot is None or slot >= self._workers:
            return True
        now = self._clock.monotonic()
        if now - self._seen_at.setdefault(path, now) < _SUCCESSOR_S:
            return False
        del self._seen_at[path]
        return True

    def _take(self, claimed: WorkerDirectory) -> Backlog | None:
        claimed.recover()
        end = directory_end(claimed.path)
        backlog = DirectoryBacklog(claimed.path, lambda: end)
        if not backlog.count(end):
            backlog.save(end)
            claimed.release()
            return None
        self._adopted[backlog.name] = claimed
        return backlog
