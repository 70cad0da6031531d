"""The DeliverySpool contract, for the one on disk and the fake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from llm_gateway.adapters.decision_log.delivery_spool import SpoolDeliveries
from llm_gateway.adapters.decision_log.jsonl import JsonlDecisionLog
from llm_gateway.application.ports.delivery_spool import DeliverySpool
from llm_gateway.domain.delivery_answer import DeliveryAnswer
from tests.fakes.clock import FakeClock
from tests.fakes.delivery_spool import FakeBacklog, FakeDeliverySpool
from tests.samples.decisions import record

Make = Callable[[int, int], DeliverySpool]


@pytest.fixture(params=["disk", "fake"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """A spool with that many records of this worker's, and of a dead one's if there are any."""
    opened: list[JsonlDecisionLog] = []

    def on_disk(own: int, orphaned: int) -> DeliverySpool:
        for slot, records in ((5, orphaned), (0, own)):
            if opened:
                opened.pop().close()
            log = JsonlDecisionLog(tmp_path, FakeClock(), slot=slot)
            log.open()
            opened.append(log)
            for _ in range(records):
                log.append(record())
        return SpoolDeliveries(tmp_path, opened[-1], FakeClock(), workers=1)

    def fake(own: int, orphaned: int) -> DeliverySpool:
        spool = FakeDeliverySpool(FakeBacklog("own", [b"{}"] * own))
        spool.orphans = [FakeBacklog("orphan", [b"{}"] * orphaned)] if orphaned else []
        return spool

    yield on_disk if request.param == "disk" else fake
    for log in opened:
        log.close()


def test_reading_goes_through_the_log_once(make: Make) -> None:
    """In runs of at most what was asked for; positions move forward; what was counted is what comes."""
    backlog = make(5, 0).own()
    assert backlog.count(backlog.end()) == 5
    read = [*backlog.read(2), *backlog.read(2), *backlog.read(2)]
    ends = [spooled.end for spooled in read]
    assert len(read) == 5 and ends == sorted(set(ends)) and ends[-1] == backlog.end()
    assert list(backlog.read(2)) == [] and backlog.count(backlog.end()) == 0
    assert not any(spooled.line.endswith(b"\n") for spooled in read)


def test_saving_and_burying_touch_nothing_of_the_log(make: Make) -> None:
    """Both are beside it."""
    backlog = make(2, 0).own()
    first, second = backlog.read(2)
    backlog.dead_letter(first.line, DeliveryAnswer(meaning="permanent"), attempts=1, at=0.0)
    backlog.save(second.end)
    assert backlog.end() == second.end


def test_an_orphan_is_adopted_once_and_given_back(make: Make) -> None:
    """Its name tells it from others."""
    spool = make(1, 3)
    (orphan,) = spool.adopt()
    assert list(spool.adopt()) == []
    assert orphan.name != spool.own().name
    assert len(orphan.read(9)) == 3
    spool.release(orphan)
    spool.release(orphan)


def test_nobody_has_left_anything(make: Make) -> None:
    """The usual case."""
    assert list(make(1, 0).adopt()) == []
