"""JsonlDecisionLog: what is on disk after writes, crashes, rotations and full disks."""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from llm_gateway.adapters.decision_log.jsonl import JsonlDecisionLog
from llm_gateway.domain.decision_record import DecisionRecord
from llm_gateway.domain.hash_chain import GENESIS, record_hash
from tests.fakes.clock import FakeClock
from tests.fakes.identifiers import FakeIdentifiers
from tests.samples.decisions import record

START = 1_700_000_000.0


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(unix=START)


@pytest.fixture
def log(tmp_path: Path, clock: FakeClock) -> Iterator[JsonlDecisionLog]:
    log = JsonlDecisionLog(tmp_path, clock)
    log.open()
    yield log
    log.close()


@pytest.fixture
def records() -> Iterator[DecisionRecord]:
    return endless()


def endless() -> Iterator[DecisionRecord]:
    ids = FakeIdentifiers(unix=START)
    while True:
        yield record(decision_id=ids.uuid7())


def lines(spool: Path) -> list[bytes]:
    return [line for path in sorted(spool.rglob("*.jsonl")) for line in path.read_bytes().splitlines(True)]


def assert_chained(spool: Path) -> None:
    head = GENESIS
    for line in lines(spool):
        stored = json.loads(line)
        assert stored["prev_hash"] == head
        assert record_hash(stored) == stored["hash"]
        head = stored["hash"]


async def test_flushed_records_are_in_the_file(
    log: JsonlDecisionLog, records: Iterator[DecisionRecord], tmp_path: Path
) -> None:
    """After flush the kernel has the bytes: another process sees them, and so does who comes after a kill."""
    log.append(next(records))
    assert lines(tmp_path) == []
    log.flush()
    assert len(lines(tmp_path)) == 1


async def test_one_turn_of_the_loop_is_one_write(
    log: JsonlDecisionLog, records: Iterator[DecisionRecord], tmp_path: Path, mocker: MockerFixture
) -> None:
    """Records of one loop tick share a write, and need nobody to flush them."""
    write = mocker.spy(os, "write")
    for _ in range(10):
        log.append(next(records))
    await asyncio.sleep(0)
    assert len(lines(tmp_path)) == 10
    assert write.call_count == 1


def test_without_a_loop_records_are_written_at_once(
    log: JsonlDecisionLog, records: Iterator[DecisionRecord], tmp_path: Path
) -> None:
    """The CLI decides without an event loop."""
    log.append(next(records))
    assert len(lines(tmp_path)) == 1


def test_segments_are_bounded_and_chained(
    tmp_path: Path, clock: FakeClock, records: Iterator[DecisionRecord]
) -> None:
    """A new file begins when one is full; the chain does not notice."""
    log = JsonlDecisionLog(tmp_path, clock, segment_bytes=10_000)
    log.open()
    for _ in range(20):
        log.append(next(records))
    log.close()
    sizes = [path.stat().st_size for path in tmp_path.rglob("*.jsonl")]
    assert len(sizes) > 2
    assert max(sizes) < 14_000
    assert_chained(tmp_path)


def test_a_restart_continues_the_chain(
    tmp_path: Path, clock: FakeClock, records: Iterator[DecisionRecord]
) -> None:
    """A worker takes over what the one before it in its slot has left."""
    for _ in range(3):
        log = JsonlDecisionLog(tmp_path, clock)
        log.open()
        log.append(next(records))
        log.close()
    assert [json.loads(line)["sequence"] for line in lines(tmp_path)] == [1, 2, 3]
    assert_chained(tmp_path)


@pytest.mark.parametrize("kept", [1, 100, -1])
def test_a_torn_last_line_is_set_aside(
    tmp_path: Path, clock: FakeClock, records: Iterator[DecisionRecord], kept: int
) -> None:
    """Half a line is never parsed as a record, and never lost either."""
    log = JsonlDecisionLog(tmp_path, clock)
    log.open()
    for _ in range(3):
        log.append(next(records))
    log.close()
    (segment,) = tmp_path.rglob("*.jsonl")
    *whole, last = segment.read_bytes().splitlines(keepends=True)
    segment.write_bytes(b"".join(whole) + last[:kept])
    assert len(log.recent()) == 2

    log.open()
    log.append(next(records))
    log.close()
    assert [json.loads(line)["sequence"] for line in lines(tmp_path)] == [1, 2, 3]
    assert segment.with_suffix(".torn").read_bytes() == last[:kept]
    assert_chained(tmp_path)


@pytest.mark.parametrize("spoiled", [b"\0" * 4096, b"\0\0\n", b'{"a":1}\n', b"\xff\n"])
def test_what_a_power_loss_leaves_is_set_aside(
    log: JsonlDecisionLog, records: Iterator[DecisionRecord], tmp_path: Path, spoiled: bytes
) -> None:
    """File systems may leave zeros or garbage behind the last write; reading passes over it."""
    log.append(next(records))
    log.close()
    (segment,) = tmp_path.rglob("*.jsonl")
    with segment.open("ab") as file:
        file.write(spoiled)
    log.open()
    assert len(log.recent()) == 1
    assert segment.with_suffix(".torn").read_bytes() == spoiled


def test_a_spoiled_segment_falls_back_to_the_one_before(
    tmp_path: Path, clock: FakeClock, records: Iterator[DecisionRecord]
) -> None:
    """A segment that was begun but never got a whole line does not reset the chain."""
    log = JsonlDecisionLog(tmp_path, clock)
    log.open()
    log.append(next(records))
    log.close()
    (tmp_path / "worker-0" / "00000002-1700000000001.jsonl").write_bytes(b'{"agent')
    log.open()
    log.append(next(records))
    log.close()
    assert_chained(tmp_path)
    assert len(lines(tmp_path)) == 2


def test_a_held_directory_is_not_shared(
    log: JsonlDecisionLog, tmp_path: Path, clock: FakeClock, records: Iterator[DecisionRecord]
) -> None:
    """Two processes in one slot, as in an overlapping restart, write two chains and see each other's."""
    second = JsonlDecisionLog(tmp_path, clock)
    second.open()
    mine, other = next(records), next(records)
    log.append(mine)
    second.append(other)
    second.close()
    assert {path.name for path in tmp_path.iterdir()} == {"worker-0", "worker-0.1"}
    assert log.find(other.event.execution_ref) is not None
    assert [stored["sequence"] for stored in log.recent()] == [1, 1]


def test_the_time_in_an_id_narrows_the_search(
    tmp_path: Path, clock: FakeClock, mocker: MockerFixture
) -> None:
    """A decision of this minute is not looked for in last week's segments."""
    log = JsonlDecisionLog(tmp_path, clock, segment_bytes=1)
    log.open()
    for _ in range(10):
        log.append(record(decision_id=FakeIdentifiers(unix=clock.now()).uuid7()))
        clock.advance(3600)
    opened = mocker.spy(Path, "open")
    assert log.find(FakeIdentifiers(unix=START + 5 * 3600).uuid7()) is not None
    assert opened.call_count <= 2


@pytest.mark.parametrize("written", [0, 700])
def test_a_full_disk_drops_and_recovers(
    log: JsonlDecisionLog,
    records: Iterator[DecisionRecord],
    tmp_path: Path,
    mocker: MockerFixture,
    caplog: pytest.LogCaptureFixture,
    written: int,
) -> None:
    """No request sees the error; the loss is counted, logged once, and visible as a gap in `sequence`."""
    log.append(next(records))
    real_write = os.write

    def full(fd: int, data: memoryview) -> int:
        if len(data) > written > 0:
            return real_write(fd, data[: len(data) - written])
        raise OSError(errno.ENOSPC, "No space left on device")

    mocker.patch("os.write", full)
    with caplog.at_level(logging.ERROR):
        log.append(next(records))
        log.append(next(records))
    mocker.stopall()
    log.append(next(records))
    assert log.dropped == 2
    assert len(caplog.records) == 1
    assert [json.loads(line)["sequence"] for line in lines(tmp_path)] == [1, 4]
    assert_chained(tmp_path)


def test_fsync_is_asked_for_when_configured(
    tmp_path: Path, clock: FakeClock, records: Iterator[DecisionRecord], mocker: MockerFixture
) -> None:
    """`durability: fsync` survives a power loss, not only the death of the process."""
    fdatasync = mocker.spy(os, "fdatasync")
    log = JsonlDecisionLog(tmp_path, clock, durability="fsync")
    log.open()
    log.append(next(records))
    log.close()
    assert fdatasync.call_count == 1


def test_nobody_else_may_read_the_files(
    log: JsonlDecisionLog, records: Iterator[DecisionRecord], tmp_path: Path
) -> None:
    """Tenants and header values are in there."""
    log.append(next(records))
    assert {path.stat().st_mode & 0o077 for path in tmp_path.rglob("*")} == {0}


def test_a_directory_that_cannot_be_written_stops_start_up(tmp_path: Path, clock: FakeClock) -> None:
    """A log that loses everything from the first request on is a configuration error, said at once."""
    (tmp_path / "spool").write_text("a file")
    with pytest.raises(OSError, match="spool"):
        JsonlDecisionLog(tmp_path / "spool", clock).open()


def test_each_write_is_told(log: JsonlDecisionLog, records: Iterator[DecisionRecord], tmp_path: Path) -> None:
    """How many records it held, once they are safe; `written` is where the last one ends."""
    told: list[tuple[int, int]] = []
    log.on_written = lambda count: told.append((count, log.written().offset))
    log.append(next(records))
    log.append(next(records))
    first, second = (len(line) for line in lines(tmp_path))
    assert told == [(1, first), (1, first + second)]


def test_a_full_disk_rejects_until_it_takes_bytes_again(
    tmp_path: Path, clock: FakeClock, records: Iterator[DecisionRecord], mocker: MockerFixture
) -> None:
    """`when_full: reject`: nobody writes then, so the upkeep tries."""
    log = JsonlDecisionLog(tmp_path, clock, when_full="reject")
    log.open()
    mocker.patch("os.write", side_effect=OSError(errno.ENOSPC, "No space left on device"))
    mocker.patch.object(Path, "write_bytes", side_effect=OSError(errno.ENOSPC, "No space left on device"))
    log.append(next(records))
    assert log.tend() == 0 and log.full
    mocker.stopall()
    assert log.tend() == 0 and not log.full
    log.append(next(records))
    assert (log.dropped, len(lines(tmp_path))) == (1, 1)
    log.close()


def test_a_full_disk_rejects_nobody_unless_asked_to(
    log: JsonlDecisionLog, records: Iterator[DecisionRecord], mocker: MockerFixture
) -> None:
    """By default the answer matters more than its record."""
    mocker.patch("os.write", side_effect=OSError(errno.ENOSPC, "No space left on device"))
    log.append(next(records))
    assert (log.dropped, log.full) == (1, False)
