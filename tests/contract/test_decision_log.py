"""The DecisionLog contract, for every implementation and the fake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from llm_gateway.adapters.decision_log.jsonl import JsonlDecisionLog
from llm_gateway.adapters.decision_log.memory import MemoryDecisionLog
from llm_gateway.adapters.decision_log.null import NullDecisionLog
from llm_gateway.application.ports.decision_log import DecisionLog
from llm_gateway.domain.decision_record import DecisionRecord
from llm_gateway.domain.hash_chain import GENESIS, record_hash
from tests.fakes.clock import FakeClock
from tests.fakes.decision_log import FakeDecisionLog
from tests.fakes.identifiers import FakeIdentifiers
from tests.samples.decisions import DECISIONS, SELECT, record

START = 1_700_000_000.0


def jsonl(spool: Path) -> DecisionLog:
    log = JsonlDecisionLog(spool, FakeClock(unix=START))
    log.open()
    return log


KEEPING: dict[str, Callable[[Path], DecisionLog]] = {
    "fake": lambda spool: FakeDecisionLog(),
    "memory": lambda spool: MemoryDecisionLog(),
    "jsonl": jsonl,
}


@pytest.fixture(params=[*KEEPING, "null"])
def any_log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DecisionLog]:
    log = KEEPING[request.param](tmp_path) if request.param in KEEPING else NullDecisionLog()
    yield log
    log.close()


@pytest.fixture(params=KEEPING)
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DecisionLog]:
    log = KEEPING[request.param](tmp_path)
    yield log
    log.close()


def records(count: int) -> list[DecisionRecord]:
    """One a second, from START on."""
    ids = FakeIdentifiers(unix=START)
    return [record(decision_id=ids.uuid7(), time=START + second) for second in range(count)]


def test_a_flushed_record_is_found_by_its_decision(log: DecisionLog) -> None:
    """What is read back is the record that was appended, sealed."""
    given = records(3)
    for one in given:
        log.append(one)
    log.flush()
    found = log.find(given[1].decision_id)
    assert found is not None
    sealed = {name: found.pop(name) for name in ("hash", "prev_hash")}
    assert found["sequence"] == 2
    assert found["evidence_refs"] == list(given[1].event.evidence_refs)
    assert sealed["prev_hash"] != GENESIS


def test_records_are_chained_in_order(log: DecisionLog) -> None:
    """Each names the hash of the one before it, and its own hash is that of its canonical JSON."""
    for one in records(5):
        log.append(one)
    log.flush()
    head = GENESIS
    for sequence, stored in enumerate(reversed(log.recent()), start=1):
        assert stored["sequence"] == sequence
        assert stored["prev_hash"] == head
        head = stored["hash"]
        assert record_hash(stored) == head


@pytest.mark.parametrize("decision_type", DECISIONS)
def test_every_decision_type_is_kept_whole(log: DecisionLog, decision_type: str) -> None:
    """Nulls, small numbers, non-ASCII text and every constraint come back as they went in."""
    given = record(DECISIONS[decision_type])
    log.append(given)
    log.flush()
    stored = log.find(given.decision_id)
    assert stored is not None
    assert stored["outputs"]["rejection_reason"] == given.event.outputs.rejection_reason
    assert stored["replay"]["facts"]["metadata"] == [["team", "søk"]]
    assert stored["replay"]["health"][1]["score"] == 3e-7
    assert len(stored["constraints_applied"]) == 7


def test_recent_is_newest_first_and_bounded(log: DecisionLog) -> None:
    """The control plane asks for the last few."""
    given = records(5)
    for one in given:
        log.append(one)
    log.flush()
    newest = [stored["execution_ref"] for stored in log.recent(limit=2)]
    assert newest == [given[4].decision_id, given[3].event.execution_ref]


def test_recent_leaves_out_what_is_older_than_since(log: DecisionLog) -> None:
    """`since` itself belongs to the answer."""
    for one in records(5):
        log.append(one)
    log.flush()
    assert [stored["sequence"] for stored in log.recent(since=START + 3)] == [5, 4]


def test_what_cannot_be_encoded_is_dropped_and_counted(log: DecisionLog) -> None:
    """A lone surrogate has no UTF-8; the records around it keep their chain."""
    first, second = records(2)
    spoiled = replace(first, request_id="\ud800")
    for one in (first, spoiled, second):
        log.append(one)
    log.flush()
    newest, oldest = log.recent()
    assert log.dropped == 1
    assert newest["prev_hash"] == oldest["hash"]


def test_what_comes_after_close_is_dropped(log: DecisionLog) -> None:
    """Closing twice is harmless, appending afterwards is counted."""
    log.close()
    log.close()
    log.append(record(SELECT))
    log.flush()
    assert log.dropped == 1


def test_an_unknown_decision_is_not_found(any_log: DecisionLog) -> None:
    """Neither an id that nobody has nor text that is no id at all."""
    any_log.append(record(SELECT))
    any_log.flush()
    assert any_log.find("018bcfe5-6800-7000-8000-00000000ffff") is None
    assert any_log.find('x"}../lock') is None


def test_flushing_nothing_is_harmless(any_log: DecisionLog) -> None:
    """The server flushes before every answer, whether or not there is anything to write."""
    any_log.flush()
    any_log.flush()
    assert any_log.recent() == []
    assert any_log.dropped == 0
