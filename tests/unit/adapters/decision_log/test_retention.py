"""Retention: the oldest segments go, never one that is being written."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from llm_gateway.adapters.decision_log.jsonl import JsonlDecisionLog
from llm_gateway.adapters.decision_log.retention import LetGo, let_go
from llm_gateway.adapters.decision_log.segment import Segment
from llm_gateway.adapters.decision_log.trail import SpoolTrail
from llm_gateway.application.verify_audit import VerifyAudit
from tests.fakes.clock import FakeClock
from tests.samples.decisions import record


def segment(spool: Path, worker: int, number: int, start: int) -> Path:
    directory = spool / f"worker-{worker}"
    directory.mkdir(exist_ok=True)
    path = Segment.named(directory, number, start).path
    path.write_bytes(b"x" * 99 + b"\n")
    return path


def test_the_oldest_of_all_workers_go_first(tmp_path: Path) -> None:
    """By when they were begun, whoever wrote them."""
    for worker, starts in enumerate([(10, 30, 50), (20, 40, 60)]):
        for number, start in enumerate(starts, start=1):
            segment(tmp_path, worker, number, start)
    assert [gone.start for gone in let_go(tmp_path, 300).segments] == [10, 20, 30]


def test_the_newest_of_each_worker_stays(tmp_path: Path) -> None:
    """Its worker may be writing it, and it carries the chain on."""
    for worker in range(3):
        segment(tmp_path, worker, 1, worker)
    assert let_go(tmp_path, 0) == LetGo()


def test_a_log_stays_within_its_bound(tmp_path: Path) -> None:
    """What is left is a sound chain that begins later."""
    log = JsonlDecisionLog(tmp_path, FakeClock(), segment_bytes=8_000, max_bytes=40_000)
    log.open()
    for _ in range(60):
        log.append(record())
    log.close()
    (report,) = VerifyAudit()(SpoolTrail(tmp_path))
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.jsonl")) <= 40_000
    assert report.broken is None
    assert report.begins_at is not None
    assert report.begins_at + report.records - 1 == 60


def test_a_segment_that_cannot_be_deleted_stops_nothing(
    tmp_path: Path, mocker: MockerFixture, caplog: pytest.LogCaptureFixture
) -> None:
    """The next records are kept all the same; the operator is told."""
    log = JsonlDecisionLog(tmp_path, FakeClock(), segment_bytes=3_000, max_bytes=9_000)
    log.open()
    mocker.patch.object(Path, "unlink", side_effect=OSError(errno.EROFS, "read-only"))
    for _ in range(12):
        log.append(record())
    log.close()
    assert log.dropped == 0
    assert "could not be let go" in caplog.text
