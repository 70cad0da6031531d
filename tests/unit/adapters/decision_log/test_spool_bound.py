"""SpoolBound: what goes first, what stays, and who is told."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Literal

import pytest

from llm_gateway.adapters.decision_log.delivery_mark import save_mark
from llm_gateway.adapters.decision_log.segment import Segment, segments
from llm_gateway.adapters.decision_log.spool_bound import SpoolBound
from llm_gateway.domain.spool_position import SpoolPosition

RECORDS = 10  # of ten bytes each in a segment


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    """Two workers with three full segments each, begun in turn."""
    for worker in (0, 1):
        directory = tmp_path / f"worker-{worker}"
        directory.mkdir()
        for number in (1, 2, 3):
            path = Segment.named(directory, number, 10 * number + worker).path
            path.write_bytes(b"123456789\n" * RECORDS)
    return tmp_path


def bound(
    spool: Path, max_bytes: int, when_full: Literal["drop_oldest", "reject"], *, delivering: bool = True
) -> SpoolBound:
    return SpoolBound(spool, max_bytes, segment_bytes=100, delivering=delivering, when_full=when_full)


def left(spool: Path, worker: int) -> list[int]:
    return [segment.number for segment in segments(spool / f"worker-{worker}")]


def test_what_is_delivered_goes_first(spool: Path) -> None:
    """Although others are older."""
    save_mark(spool / "worker-1", SpoolPosition(3, 0))
    assert bound(spool, 500, "drop_oldest").keep() == 0
    assert (left(spool, 0), left(spool, 1)) == ([1, 2, 3], [3])


def test_undelivered_records_that_have_to_go_are_counted_and_shouted(
    spool: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Those delivered out of a segment already do not count."""
    save_mark(spool / "worker-0", SpoolPosition(1, 40))
    assert bound(spool, 500, "drop_oldest").keep() == (RECORDS - 4) + RECORDS
    assert (left(spool, 0), left(spool, 1)) == ([2, 3], [2, 3])
    assert "16 decision records were dropped" in caplog.text


def test_reject_keeps_what_is_undelivered_and_says_full(spool: Path) -> None:
    """Until enough has been delivered."""
    bounded = bound(spool, 500, "reject")
    assert (bounded.keep(), bounded.full, left(spool, 0)) == (0, True, [1, 2, 3])
    save_mark(spool / "worker-0", SpoolPosition(3, 100))
    assert (bounded.keep(), bounded.full) == (0, False)
    assert (left(spool, 0), left(spool, 1)) == ([3], [1, 2, 3])


def test_without_delivery_the_oldest_go_and_nothing_is_lost(
    spool: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The spool is the store; that it turns over is no error."""
    with caplog.at_level(logging.INFO):
        bounded = bound(spool, 500, "reject", delivering=False)
        assert (bounded.keep(), bounded.full) == (0, False)
    assert (left(spool, 0), left(spool, 1)) == ([2, 3], [2, 3])
    assert {record.levelname for record in caplog.records} == {"INFO"}
