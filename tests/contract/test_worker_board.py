"""The WorkerBoard contract, for the directory and the fake; and what only the directory has to fear."""

from __future__ import annotations

from pathlib import Path

import pytest

from llm_gateway.adapters.worker_board.directory import STALE_S, DirectoryWorkerBoard
from llm_gateway.adapters.worker_board.null import NullWorkerBoard
from llm_gateway.application.ports.worker_board import WorkerBoard
from tests.fakes.clock import FakeClock
from tests.fakes.worker_board import FakeWorkerBoard
from tests.samples.notices import NOTICE, notice


@pytest.fixture(params=["fake", "directory"])
def board(request: pytest.FixtureRequest, tmp_path: Path) -> WorkerBoard:
    if request.param == "fake":
        return FakeWorkerBoard()
    return DirectoryWorkerBoard(tmp_path / "workers", FakeClock())


def test_nobody_has_said_anything(board: WorkerBoard) -> None:
    """Not even a directory is needed."""
    assert list(board.read()) == []


def test_what_is_put_up_is_read_as_it_was(board: WorkerBoard) -> None:
    """Every field, nested ones too."""
    board.publish(NOTICE)
    assert list(board.read()) == [NOTICE]


def test_workers_are_read_by_number(board: WorkerBoard) -> None:
    """Whoever published first."""
    board.publish(notice(worker=1))
    board.publish(notice(worker=0))
    assert [found.worker for found in board.read()] == [0, 1]


def test_a_workers_last_word_counts(board: WorkerBoard) -> None:
    """One notice for each worker."""
    board.publish(NOTICE)
    board.publish(notice(phase="draining"))
    assert [found.phase for found in board.read()] == ["draining"]


def test_the_null_board_shows_nobody() -> None:
    """For a single process."""
    board = NullWorkerBoard()
    board.publish(NOTICE)
    assert list(board.read()) == []


def test_a_dead_process_is_not_read(tmp_path: Path) -> None:
    """Its file stays behind; a process id beyond the kernel's limit is nobody's."""
    board = DirectoryWorkerBoard(tmp_path, FakeClock())
    board.publish(notice(pid=2**22 + 1))
    assert list(board.read()) == []


def test_a_silent_worker_is_not_read(tmp_path: Path) -> None:
    """It hangs, or another process has its id now."""
    clock = FakeClock()
    board = DirectoryWorkerBoard(tmp_path, clock)
    board.publish(NOTICE)
    clock.advance(STALE_S - 1)
    assert len(board.read()) == 1
    clock.advance(2)
    assert list(board.read()) == []


def test_a_file_that_is_no_notice_hides_nobody(tmp_path: Path) -> None:
    """Another version's, or a disk's mishap."""
    board = DirectoryWorkerBoard(tmp_path, FakeClock())
    board.publish(NOTICE)
    (tmp_path / "7.json").write_text('{"worker": 7}')
    assert [found.worker for found in board.read()] == [0]
