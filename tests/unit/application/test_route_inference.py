"""RouteInference: one decision, one event."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import pytest

from llm_gateway.application.route_inference import RouteInference
from llm_gateway.application.service_identity import ServiceIdentity
from llm_gateway.domain.decision_event import InvalidDecisionEvent
from llm_gateway.domain.errors import InvalidRequest, Overloaded
from llm_gateway.domain.health_view import HealthView, TargetHealth
from llm_gateway.domain.provider import Model, Provider
from llm_gateway.domain.request_facts import RequestFacts
from llm_gateway.domain.routing_snapshot import RoutingSnapshot
from llm_gateway.domain.target import Target
from tests.fakes.clock import FakeClock
from tests.fakes.current_snapshot import FakeCurrentSnapshot
from tests.fakes.decision_log import FakeDecisionLog
from tests.fakes.health_source import FakeHealthSource
from tests.fakes.identifiers import FakeIdentifiers


def snapshot(*provider_ids: str) -> RoutingSnapshot:
    return RoutingSnapshot.build(
        providers=[
            Provider(id=name, type="openai", dialect="openai.chat", models=(Model(name="gpt-4o"),))
            for name in provider_ids
        ]
    )


@dataclass
class Bench:
    snapshots: FakeCurrentSnapshot
    health: FakeHealthSource
    log: FakeDecisionLog
    identifiers: FakeIdentifiers
    route: RouteInference


@pytest.fixture
def bench() -> Bench:
    snapshots = FakeCurrentSnapshot(snapshot("openai", "azure"))
    health, log, identifiers = FakeHealthSource(), FakeDecisionLog(), FakeIdentifiers()
    route = RouteInference(
        snapshots=snapshots,
        health=health,
        log=log,
        clock=FakeClock(),
        identifiers=identifiers,
        identity=ServiceIdentity(agent_version="0.1.0", phase="phase7", layer="layer2"),
    )
    return Bench(snapshots, health, log, identifiers, route)


FACTS = RequestFacts(model="gpt-4o")
FIRST = Target("openai", "gpt-4o")


def test_a_decision_leaves_exactly_one_event(bench: Bench) -> None:
    """The event is about this decision, this request and this snapshot."""
    routed = bench.route(FACTS, request_id="r-1", trace_id="t-1")
    (record,) = bench.log.records
    assert routed.record is record
    assert record.decision_id == routed.decision_id
    assert record.event.evidence_refs == ("request:r-1", f"snapshot:{routed.snapshot.hash}", "trace:t-1")
    assert (record.event.phase, record.event.layer) == ("phase7", "layer2")
    assert record.event.timestamp == "2023-11-14T22:13:20.000Z"


def test_event_and_decision_have_ids_of_their_own(bench: Bench) -> None:
    """`event_id` is what consumers de-duplicate on; `execution_ref` is the decision."""
    for _ in range(3):
        bench.route(FACTS, request_id="r")
    ids = [name for r in bench.log.records for name in (r.event_id, r.decision_id)]
    assert len(set(ids)) == 6


def test_a_dry_run_decides_the_same_and_leaves_nothing(bench: Bench) -> None:
    """No event; the decision is the one that a real request would get."""
    dry = bench.route(FACTS, request_id="r", dry_run=True)
    assert bench.log.records == []
    assert dry.record is None
    assert dry.decision == bench.route(FACTS, request_id="r").decision


def test_a_rejection_is_an_event_too(bench: Bench) -> None:
    """It is returned, not raised: the caller answers with it."""
    routed = bench.route(replace(FACTS, model="unheard-of"), request_id="r")
    assert routed.decision.rejection is not None
    assert routed.decision.rejection.code == "model_not_found"
    assert [record.event.decision_type for record in bench.log.records] == ["route_reject"]


def test_a_fallback_points_at_the_decision_before(bench: Bench) -> None:
    """What was tried is left out, and recorded with its reason."""
    first = bench.route(FACTS, request_id="r")
    second = bench.route(FACTS, request_id="r", previous=first, after=[(FIRST, "rejected:503")])
    event = bench.log.records[1].event
    assert event.decision_type == "route_fallback"
    assert f"decision:{first.decision_id}" in event.evidence_refs
    assert second.decision.selected == Target("azure", "gpt-4o")
    assert json.loads(bench.log.records[1].replay)["after"] == [["openai", "gpt-4o", "rejected:503"]]


def test_a_request_stays_on_the_snapshot_it_began_with(bench: Bench) -> None:
    """A reload between a decision and its fallback changes nothing for this request."""
    first = bench.route(FACTS, request_id="r")
    bench.snapshots.snapshot = snapshot("groq")
    second = bench.route(FACTS, request_id="r", previous=first, after=[(FIRST, "not_sent")])
    assert second.snapshot is first.snapshot
    assert bench.health.asked_for == [first.snapshot.hash] * 2
    assert bench.route(FACTS, request_id="r2").snapshot.hash != first.snapshot.hash


def test_equal_facts_hash_equal_whoever_asks(bench: Bench) -> None:
    """No request id, trace id or time is in `inputs_hash`."""
    bench.route(FACTS, request_id="r-1", trace_id="t-1")
    bench.route(FACTS, request_id="r-2")
    bench.route(replace(FACTS, tenant="acme"), request_id="r-1")
    first, second, other = (record.event.inputs_hash for record in bench.log.records)
    assert first == second != other


def test_the_health_that_decided_is_recorded(bench: Bench) -> None:
    """An open breaker moves the choice, and its values are in the replay part."""
    down = TargetHealth(breaker="open", available=False, reason="breaker open", score=0.0)
    bench.health.health = HealthView(targets={FIRST.id: down}, round_robin=5)
    routed = bench.route(FACTS, request_id="r")
    assert routed.decision.selected == Target("azure", "gpt-4o")
    replay = json.loads(bench.log.records[0].replay)
    (entry,) = replay["health"]
    assert (entry["target"], entry["reason"]) == (FIRST.id, "breaker open")
    assert replay["round_robin"] == 5


def test_text_that_is_not_unicode_is_the_clients_mistake(bench: Bench) -> None:
    """A lone surrogate cannot be hashed, stored or delivered: refused before anything is decided."""
    with pytest.raises(InvalidRequest, match="surrogate"):
        bench.route(replace(FACTS, model="gpt-\ud800"), request_id="r")
    assert bench.log.records == []


def test_an_identity_that_no_event_could_carry_stops_start_up() -> None:
    """Not the first request."""
    with pytest.raises(InvalidDecisionEvent, match="agent_version"):
        ServiceIdentity(agent_version="main")


def test_a_full_log_turns_new_requests_away(bench: Bench) -> None:
    """Nothing is decided that could not be recorded; a dry run leaves no record anyway."""
    bench.log.full = True
    with pytest.raises(Overloaded, match="audit log is full") as caught:
        bench.route(FACTS, request_id="r")
    assert caught.value.code == "audit_spool_full"
    assert bench.log.records == []
    assert bench.route(FACTS, request_id="r", dry_run=True).decision.selected == FIRST


def test_a_request_under_way_is_not_turned_away(bench: Bench) -> None:
    """Its fallback is recorded beyond the bound rather than refused after money was spent."""
    first = bench.route(FACTS, request_id="r")
    bench.log.full = True
    second = bench.route(FACTS, request_id="r", previous=first, after=((FIRST, "rejected:500"),))
    assert second.record is not None
