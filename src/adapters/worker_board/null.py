"""NullWorkerBoard: nobody else to see. For a single process."""

from __future__ import annotations

from collections.abc import Sequence

from typing_extensions import override

from llm_gateway.application.ports.worker_board import WorkerBoard, WorkerNotice


class NullWorkerBoard(WorkerBoard):
    @override
    def publish(self, notice: WorkerNotice) -> None:
        pass

    @override
    def read(self) -> Sequence[WorkerNotice]:
        return ()
