"""SpoolDeliveries: whose logs are adopted, and when."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from llm_gateway.adapters.decision_log.backlog import directory_end
from llm_gateway.adapters.decision_log.delivery_mark import load_mark, save_mark
from llm_gateway.adapters.decision_log.delivery_spool import SpoolDeliveries
from llm_gateway.adapters.decision_log.jsonl import JsonlDecisionLog
from tests.fakes.clock import FakeClock
from tests.samples.decisions import record

CLOCK = FakeClock()


def opened(spool: Path, slot: int, records: int = 0) -> JsonlDecisionLog:
    log = JsonlDecisionLog(spool, CLOCK, slot=slot)
    log.open()
    for _ in range(records):
        log.append(record())
    return log


def left_behind(spool: Path, slot: int, records: int = 3) -> Path:
    log = opened(spool, slot, records)
    path = log.directory
    log.close()
    return path


@pytest.fixture
def mine(tmp_path: Path) -> Iterator[JsonlDecisionLog]:
    log = opened(tmp_path, 0, 2)
    yield log
    log.close()


@pytest.fixture
def deliveries(tmp_path: Path, mine: JsonlDecisionLog) -> SpoolDeliveries:
    return SpoolDeliveries(tmp_path, mine, CLOCK, workers=2)


def test_the_own_log_is_read_while_it_is_written(deliveries: SpoolDeliveries, mine: JsonlDecisionLog) -> None:
    """Up to the last record that was written."""
    backlog = deliveries.own()
    assert len(backlog.read(9)) == 2
    mine.append(record())
    assert len(backlog.read(9)) == 1


def test_a_slot_that_no_longer_exists_is_adopted_at_once(deliveries: SpoolDeliveries, tmp_path: Path) -> None:
    """Nobody will come for it. Until it is released nobody else can take it."""
    left_behind(tmp_path, 2)
    (backlog,) = deliveries.adopt()
    assert backlog.count(backlog.end()) == 3
    assert deliveries.adopt() == []
    deliveries.release(backlog)
    deliveries.release(backlog)
    assert len(deliveries.adopt()) == 1


def test_the_slot_of_a_worker_is_left_to_its_successor_for_a_while(
    deliveries: SpoolDeliveries, tmp_path: Path
) -> None:
    """The supervisor starts it again within seconds."""
    left_behind(tmp_path, 1)
    assert deliveries.adopt() == []
    CLOCK.advance(10)
    assert deliveries.adopt() == []
    CLOCK.advance(10)
    assert len(deliveries.adopt()) == 1


def test_a_living_worker_keeps_its_log(deliveries: SpoolDeliveries, tmp_path: Path) -> None:
    """Its lock says that it lives, whatever its slot."""
    logs = [opened(tmp_path, slot, 3) for slot in (1, 7)]
    deliveries.adopt()
    CLOCK.advance(60)
    assert deliveries.adopt() == []
    for log in logs:
        log.close()


def test_what_is_delivered_is_left_alone(deliveries: SpoolDeliveries, tmp_path: Path) -> None:
    """By the saved mark."""
    path = left_behind(tmp_path, 2)
    save_mark(path, directory_end(path))
    assert deliveries.adopt() == []


def test_a_log_without_records_is_marked_and_left(deliveries: SpoolDeliveries, tmp_path: Path) -> None:
    """A worker that never decided anything; its lock is free again."""
    path = left_behind(tmp_path, 2, records=0)
    assert deliveries.adopt() == []
    assert load_mark(path) == directory_end(path)
    left_behind(tmp_path, 2, records=1)
    assert len(deliveries.adopt()) == 1


def test_a_torn_end_is_set_aside_first(deliveries: SpoolDeliveries, tmp_path: Path) -> None:
    """Half a record is never sent."""
    path = left_behind(tmp_path, 2)
    (segment,) = path.glob("0*.jsonl")
    with segment.open("ab") as file:
        file.write(b'{"agent_id":')
    (backlog,) = deliveries.adopt()
    assert len(backlog.read(9)) == 3
    assert len(list(path.glob("*.torn"))) == 1
