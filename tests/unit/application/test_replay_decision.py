"""ReplayDecision: the same bytes from the same inputs, a visible difference from any others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from llm_gateway.adapters.decision_log.chain import Chain
from llm_gateway.application.replay_decision import ReplayDecision
from llm_gateway.domain.decision_record import DecisionRecord
from llm_gateway.domain.errors import InvalidRequest, NotFound
from llm_gateway.domain.facts_document import facts_text, inputs_hash
from llm_gateway.domain.replay import replay_text
from llm_gateway.domain.router import Router
from tests.fakes.snapshot_archive import FakeSnapshotArchive
from tests.samples.routing_cases import RoutingCase, cases


def stored(case: RoutingCase, chain: Chain) -> dict[str, Any]:
    """The record of the case's decision, after its way through the log's bytes."""
    facts, health, after = case.inputs.facts, case.inputs.health, case.inputs.after
    decision = Router().decide(facts, case.snapshot, health, after=after)
    text = facts_text(facts)
    record = DecisionRecord(
        decision=decision,
        decision_id="018bcfe5-6800-7000-8000-000000000001",
        event_id="e",
        inputs_hash=inputs_hash(text),
        replay=replay_text(text, decision, health, after),
        time=1_700_000_000.0,
        agent_version="0.1.0",
        request_id="r",
        snapshot_hash=case.snapshot.hash,
    )
    return json.loads(chain.seal(record))


def archive_of(routing_cases: list[RoutingCase]) -> FakeSnapshotArchive:
    archive = FakeSnapshotArchive()
    for snapshot in {case.snapshot.hash: case.snapshot for case in routing_cases}.values():
        archive.save(snapshot.hash, snapshot.document())
    return archive


def selecting(seed: int) -> Iterator[tuple[RoutingCase, dict[str, Any]]]:
    for case in cases(seed, 200):
        record = stored(case, Chain())
        if record["decision_type"] == "route_select" and record["replay"]["health"]:
            yield case, record


@pytest.fixture
def case_and_record() -> tuple[RoutingCase, dict[str, Any]]:
    return next(selecting(seed=3))


def test_ten_thousand_decisions_come_out_byte_for_byte() -> None:
    """Every strategy, health state and decision type, read back from bytes, decides the same again (R5)."""
    routing_cases = list(cases(seed=1, count=10_000))
    replay = ReplayDecision(archive_of(routing_cases))
    chain = Chain()
    types, strategies = set(), set()
    for case in routing_cases:
        report = replay(stored(case, chain))
        assert report.exact, [str(difference) for difference in report.differences]
        types.add(report.decision.decision_type)
        strategies.add(report.decision.strategy)
    assert len(types) == 3
    assert len(strategies) == 6


FACTS_CHANGES = [
    ("model", "another"),
    ("tenant", "mallory"),
    ("capabilities", ["vision"]),
    ("parameters", ["top_k"]),
    ("input_tokens", 1),
    ("max_output_tokens", 1),
    ("headers", [["x-tier", "lead"]]),
    ("metadata", [["team", "other"]]),
    ("hints", {"priority": "high"}),
    ("affinity_key", "00"),
    ("bound_to", ["groq"]),
]


@pytest.mark.parametrize(("field", "value"), FACTS_CHANGES)
def test_one_changed_fact_is_shown(
    case_and_record: tuple[RoutingCase, dict[str, Any]], field: str, value: Any
) -> None:
    """Whatever a changed fact leads to, the inputs no longer hash to what was recorded."""
    case, record = case_and_record
    assert record["replay"]["facts"][field] != value
    record["replay"]["facts"][field] = value
    report = ReplayDecision(archive_of([case]))(record)
    assert {"hash", "inputs_hash"} <= {difference.path for difference in report.differences}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("breaker", "half_open"),
        ("available", False),
        ("reason", "cooldown"),
        ("score", 0.125),
        ("latency_ms", 1.5),
        ("in_flight", 99),
        ("retry_after", 2.5),
    ],
)
def test_one_changed_health_value_is_shown(
    case_and_record: tuple[RoutingCase, dict[str, Any]], field: str, value: Any
) -> None:
    """The record's hash covers the health values, also those that this strategy does not look at."""
    case, record = case_and_record
    assert record["replay"]["health"][0].get(field) != value
    record["replay"]["health"][0][field] = value
    report = ReplayDecision(archive_of([case]))(record)
    assert "hash" in {difference.path for difference in report.differences}


def test_health_that_changes_the_choice_shows_the_outputs() -> None:
    """A diff names the places of the outputs, not only that something is wrong."""
    shown = set()
    for case, record in selecting(seed=5):
        selected = f"{record['outputs']['selected_provider']}/{record['outputs']['selected_model']}"
        for entry in record["replay"]["health"]:
            if entry["target"] == selected:
                entry.update(available=False, reason="breaker open", breaker="open")
                shown |= {d.path for d in ReplayDecision(archive_of([case]))(record).differences}
    assert "outputs.selected_provider" in shown


def test_a_changed_snapshot_is_shown(case_and_record: tuple[RoutingCase, dict[str, Any]]) -> None:
    """An archived document that was edited no longer has the hash that the record names."""
    case, record = case_and_record
    archive = archive_of([case])
    archive.documents[case.snapshot.hash]["fallback"]["max_targets"] = 1
    report = ReplayDecision(archive)(record)
    assert "snapshot" in {difference.path for difference in report.differences}


def test_a_given_snapshot_is_compared_with_the_recorded_one(
    case_and_record: tuple[RoutingCase, dict[str, Any]],
) -> None:
    """`replay --config` needs no archive, and says when the configuration is another one."""
    case, record = case_and_record
    other = next(other for other in cases(9, 100) if other.snapshot.hash != case.snapshot.hash)
    replay = ReplayDecision(FakeSnapshotArchive())
    assert replay(record, snapshot=case.snapshot).exact
    assert not replay(record, snapshot=other.snapshot).exact


@pytest.mark.parametrize(
    "place", ["outputs.model_transformed", "confidence.overall", "decision_type", "constraints_applied"]
)
def test_an_altered_result_is_shown(case_and_record: tuple[RoutingCase, dict[str, Any]], place: str) -> None:
    """What the record claims is compared with what its inputs give."""
    case, record = case_and_record
    head, _, tail = place.partition(".")
    altered = {"constraints_applied": [], "decision_type": "route_fallback"}.get(place)
    if tail:
        record[head][tail] = {"model_transformed": 1, "overall": 0.5}[tail]
    else:
        record[head] = altered
    found = {difference.path for difference in ReplayDecision(archive_of([case]))(record).differences}
    assert any(path.startswith(place) for path in found)


def test_a_snapshot_that_is_gone_is_named(case_and_record: tuple[RoutingCase, dict[str, Any]]) -> None:
    """Replay does not guess: without the snapshot there is no result."""
    case, record = case_and_record
    with pytest.raises(NotFound, match=case.snapshot.hash):
        ReplayDecision(FakeSnapshotArchive())(record)


@pytest.mark.parametrize("damage", ["outputs", "replay", "evidence_refs", "execution_ref"])
def test_what_is_no_record_is_refused(
    case_and_record: tuple[RoutingCase, dict[str, Any]], damage: str
) -> None:
    """A document without a record's parts is the caller's mistake, not a crash."""
    _, record = case_and_record
    del record[damage]
    with pytest.raises(InvalidRequest, match=damage):
        ReplayDecision(FakeSnapshotArchive())(record)
