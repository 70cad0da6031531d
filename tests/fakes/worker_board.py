"""FakeWorkerBoard: a WorkerBoard in a dict; a test says which workers have died."""

from __future__ import annotations

from collections.abc import Sequence

from llm_gateway.application.ports.worker_board import WorkerBoard, WorkerNotice


class FakeWorkerBoard(WorkerBoard):
    """`published` is every notice, in order."""

    def __init__(self) -> None:
        self.published: list[WorkerNotice] = []
        self.dead: set[int] = set()
        self._notices: dict[int, WorkerNotice] = {}

    def publish(self, notice: WorkerNotice) -> None:
        self.published.append(notice)
        self._notices[notice.worker] = notice

    def read(self) -> Sequence[WorkerNotice]:
        return tuple(notice for _, notice in sorted(self._notices.items()) if notice.pid not in self.dead)
