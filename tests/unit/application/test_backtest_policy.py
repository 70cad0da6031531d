"""BacktestPolicy: what a draft would have changed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from llm_gateway.application.backtest_policy import BacktestPolicy, RouteChange
from llm_gateway.application.route_inference import RouteInference
from llm_gateway.application.service_identity import ServiceIdentity
from llm_gateway.domain.constraint import PolicyConstraint
from llm_gateway.domain.errors import InvalidRequest
from llm_gateway.domain.health_view import HealthView
from llm_gateway.domain.provider import Model, Provider
from llm_gateway.domain.request_facts import RequestFacts
from llm_gateway.domain.routing_rule import RoutingRule, RuleAction, RuleMatch
from llm_gateway.domain.routing_snapshot import RoutingSnapshot
from llm_gateway.domain.target import Target
from tests.fakes.clock import FakeClock
from tests.fakes.current_snapshot import FakeCurrentSnapshot
from tests.fakes.decision_log import FakeDecisionLog
from tests.fakes.health_source import FakeHealthSource
from tests.fakes.identifiers import FakeIdentifiers
from tests.fakes.snapshot_archive import FakeSnapshotArchive


def provider(id: str, price: str | None, *models: str, priority: int = 10) -> Provider:
    listed = tuple(Model(name=name, input_price=price, output_price=price) for name in models)
    return Provider(id=id, type="openai", dialect="openai.chat", models=listed, priority=priority)


NOW = RoutingSnapshot.build(
    providers=[provider("openai", "2", "gpt", "mini"), provider("azure", "1", "gpt", priority=20)]
)
CHEAPER = RoutingSnapshot.build(
    providers=[provider("openai", "2", "gpt", "mini", priority=30), provider("azure", "1", "gpt")]
)
WITHOUT_MINI = RoutingSnapshot.build(providers=[provider("openai", "2", "gpt")])


@pytest.fixture
def archive() -> FakeSnapshotArchive:
    archive = FakeSnapshotArchive()
    archive.save(NOW.hash, NOW.document())
    return archive


@pytest.fixture
def records() -> list[dict[str, Any]]:
    """Three requests for `gpt` (one fell back), one for `mini`, one for a model that nobody has."""
    log = FakeDecisionLog()
    route = RouteInference(
        snapshots=FakeCurrentSnapshot(NOW),
        health=FakeHealthSource(),
        log=log,
        clock=FakeClock(),
        identifiers=FakeIdentifiers(),
        identity=ServiceIdentity(agent_version="0.1.0"),
    )
    for model in ("gpt", "gpt", "mini", "nothing", "gpt"):
        facts = RequestFacts(model=model, input_tokens=1_000_000, max_output_tokens=500_000)
        last = route(facts, request_id="r")
    route(facts, request_id="r", previous=last, after=[(Target("openai", "gpt"), "rejected:503")])
    return log.recent()


def test_the_same_configuration_changes_nothing(
    archive: FakeSnapshotArchive, records: list[dict[str, Any]]
) -> None:
    """Follow-ups are counted apart: the first decision settles whether they happen."""
    report = BacktestPolicy(archive)(records, NOW)
    assert (report.decisions, report.follow_ups, report.changed) == (5, 1, 0)
    assert not report.exceeds(0.0)
    assert report.cost_delta == 0


def test_changed_routes_are_counted_with_examples(
    archive: FakeSnapshotArchive, records: list[dict[str, Any]]
) -> None:
    """From where to where, how often, and which decisions to look at."""
    report = BacktestPolicy(archive)(records, CHEAPER)
    (change,) = report.changes
    assert (change.before, change.after, change.count) == ("openai/gpt", "azure/gpt", 3)
    assert len(change.examples) == 3
    assert report.changed_share == pytest.approx(0.6)
    assert report.exceeds(0.5)
    assert not report.exceeds(0.6)


def test_the_cost_is_exact_money(archive: FakeSnapshotArchive, records: list[dict[str, Any]]) -> None:
    """1.5 million tokens at 2 dollars a million, three of the four priced ones now at 1 dollar."""
    report = BacktestPolicy(archive)(records, CHEAPER)
    assert report.priced == 4
    assert (report.cost_before, report.cost_after) == (Decimal("12"), Decimal("7.5"))
    assert report.cost_delta == Decimal("-4.5")


def test_what_becomes_unroutable_fails_at_any_threshold(
    archive: FakeSnapshotArchive, records: list[dict[str, Any]]
) -> None:
    """Losing a request's last route is never an acceptable share."""
    report = BacktestPolicy(archive)(records, WITHOUT_MINI)
    assert report.newly_unroutable == 1
    assert report.changes[0].after == "reject:model_not_found"
    assert report.exceeds(1.0)


def test_what_becomes_routable_is_counted(
    archive: FakeSnapshotArchive, records: list[dict[str, Any]]
) -> None:
    """A draft may also help."""
    draft = RoutingSnapshot.build(providers=[provider("openai", "2", "gpt", "mini", "nothing")])
    report = BacktestPolicy(archive)(records, draft)
    assert (report.newly_routable, report.newly_unroutable) == (1, 0)
    assert [change.before for change in report.changes] == ["reject:model_not_found"]


def test_unknown_prices_are_left_out_on_both_sides(
    archive: FakeSnapshotArchive, records: list[dict[str, Any]]
) -> None:
    """A sum over what is known before but not after would be a made-up saving."""
    draft = RoutingSnapshot.build(providers=[provider("openai", None, "gpt", "mini")])
    report = BacktestPolicy(archive)(records, draft)
    assert (report.priced, report.cost_before, report.cost_after) == (0, Decimal(0), Decimal(0))


def test_what_the_records_cannot_hold_is_named(
    archive: FakeSnapshotArchive, records: list[dict[str, Any]]
) -> None:
    """Facts hold only the headers that the rules of their time looked at."""
    match = RuleMatch(headers=(("x-region", "eu"),), metadata=(("team", "a"),))
    rule = RoutingRule(name="eu", match=match, action=RuleAction(providers=("openai",)))
    draft = RoutingSnapshot.build(providers=list(NOW.providers.values()), rules=[rule], affinity=("user",))
    assert BacktestPolicy(archive)(records, draft).unseen == ("affinity", "header:x-region", "metadata:team")
    assert BacktestPolicy(archive)(records, NOW).unseen == ()


def test_without_the_old_snapshot_the_drafts_prices_stand_in(records: list[dict[str, Any]]) -> None:
    """A record outlives the archive."""
    report = BacktestPolicy(FakeSnapshotArchive())(records, CHEAPER)
    assert (report.priced, report.cost_before) == (4, Decimal("12"))


def test_no_records_change_nothing(archive: FakeSnapshotArchive) -> None:
    """An empty log is not an error."""
    report = BacktestPolicy(archive)([], CHEAPER)
    assert (report.decisions, report.changed_share, report.exceeds(0.0)) == (0, 0.0, False)


def test_what_is_no_record_is_refused(archive: FakeSnapshotArchive) -> None:
    """A result that skipped lines silently would be worth nothing."""
    with pytest.raises(InvalidRequest, match="not the record"):
        BacktestPolicy(archive)([{"outputs": {}}], CHEAPER)


def test_examples_are_bounded(archive: FakeSnapshotArchive, records: list[dict[str, Any]]) -> None:
    """A report stays readable over a million records."""
    report = BacktestPolicy(archive)(records * 10, CHEAPER)
    assert report.changes[0].count == 30
    assert len(report.changes[0].examples) == 5
    assert isinstance(report.changes[0], RouteChange)


def test_a_target_that_policies_were_not_asked_about_is_judged_blind(archive: FakeSnapshotArchive) -> None:
    """Those that were asked about are on record, whichever way the peers answered."""
    log, allow = FakeDecisionLog(), PolicyConstraint(policy_id="engine", effect="allow")
    health = HealthView(passed={"openai/gpt": (allow,)}, denied={"azure/gpt": ("engine:eu", "no")})
    route = RouteInference(
        snapshots=FakeCurrentSnapshot(NOW),
        health=FakeHealthSource(health),
        log=log,
        clock=FakeClock(),
        identifiers=FakeIdentifiers(),
        identity=ServiceIdentity(agent_version="0.1.0"),
    )
    route(RequestFacts(model="gpt"), request_id="r")
    draft = RoutingSnapshot.build(providers=[provider("new", "1", "gpt")])
    assert BacktestPolicy(archive)(log.recent(), NOW).unseen == ()
    assert BacktestPolicy(archive)(log.recent(), draft).unseen == ("policy",)
