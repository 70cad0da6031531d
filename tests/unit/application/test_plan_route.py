"""PlanRoute: a decision, its one event, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from llm_gateway.application.plan_route import PlanRoute
from llm_gateway.application.ports.route_observer import RouteObserver
from llm_gateway.application.route_inference import RouteInference
from llm_gateway.application.service_identity import ServiceIdentity
from llm_gateway.domain.errors import NoHealthyProviders
from llm_gateway.domain.health_view import HealthView, TargetHealth
from llm_gateway.domain.provider import Model, Provider
from llm_gateway.domain.request_facts import RequestFacts
from llm_gateway.domain.routing_rule import RoutingRule, RuleAction
from llm_gateway.domain.routing_snapshot import RoutingSnapshot
from tests.fakes.clock import FakeClock
from tests.fakes.current_snapshot import FakeCurrentSnapshot
from tests.fakes.decision_log import FakeDecisionLog
from tests.fakes.health_source import FakeHealthSource
from tests.fakes.identifiers import FakeIdentifiers

MODEL = Model(name="m", input_price="1", output_price="2")
SNAPSHOT = RoutingSnapshot.build(
    providers=[Provider(id=name, type="openai", dialect="openai.chat", models=(MODEL,)) for name in "ab"],
    rules=[RoutingRule(name="all", action=RuleAction(add_headers=(("x-k", "hush"),)))],
)
FACTS = RequestFacts(model="m", input_tokens=1000, max_output_tokens=500)


@dataclass
class Told(RouteObserver):
    planned: list[bool] = field(default_factory=list)

    def route_planned(self, seconds: float, *, selected: bool, at: float) -> None:
        self.planned.append(selected)


@dataclass
class Bench:
    log: FakeDecisionLog = field(default_factory=FakeDecisionLog)
    health: FakeHealthSource = field(default_factory=FakeHealthSource)
    told: Told = field(default_factory=Told)

    def __post_init__(self) -> None:
        clock = FakeClock()
        route = RouteInference(
            snapshots=FakeCurrentSnapshot(SNAPSHOT),
            health=self.health,
            log=self.log,
            clock=clock,
            identifiers=FakeIdentifiers(),
            identity=ServiceIdentity(agent_version="0.1.0"),
        )
        self.plan = PlanRoute(
            route=route, health=self.health, log=self.log, clock=clock, route_observer=self.told
        )


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_one_decision_one_event_on_disk(bench: Bench) -> None:
    """Flushed before the answer is known to anybody."""
    planned = await bench.plan(FACTS, request_id="r")
    (record,) = bench.log.records
    assert bench.log.flushes == 1
    assert planned.document()["decision_id"] == record.decision_id
    assert planned.event() == record.event.document()
    assert bench.told.planned == [True]


async def test_a_dry_run_says_the_same_and_leaves_nothing(bench: Bench) -> None:
    """No event, no counter."""
    dry = await bench.plan(FACTS, request_id="r", dry_run=True)
    assert (bench.log.records, bench.told.planned, dry.event()) == ([], [], None)
    assert dry.output() == (await bench.plan(FACTS, request_id="r")).output()


async def test_the_output(bench: Bench) -> None:
    """Who, who next, and what it would cost by the prices: 1,000 in and 500 out."""
    output = (await bench.plan(FACTS, request_id="r")).output()
    assert (output["provider_id"], output["model"], output["fallback_providers"]) == ("a", "m", ["b"])
    assert output["estimated_cost"] == 0.002
    assert output["decision"]["matched_rules"] == ["all"]
    assert output["routing_path"][0]["action"] == "resolve_model"


async def test_what_rules_add_is_masked(bench: Bench) -> None:
    """A header's value may be a credential."""
    assert (await bench.plan(FACTS, request_id="r")).output()["headers"] == {"x-k": "**********"}


async def test_what_is_not_known_is_none(bench: Bench) -> None:
    """No size, no cost; never called, no latency."""
    output = (await bench.plan(RequestFacts(model="m"), request_id="r")).output()
    assert (output["estimated_cost"], output["estimated_latency_ms"]) == (None, None)
    bench.health.health = HealthView(targets={"a/m": TargetHealth(latency_ms=42.5)})
    assert (await bench.plan(FACTS, request_id="r")).output()["estimated_latency_ms"] == 42.5


async def test_a_rejection_is_an_error_and_an_event(bench: Bench) -> None:
    """Of its own kind, with the reason of each candidate."""
    down = TargetHealth(breaker="open", available=False, reason="breaker open", score=0.0)
    bench.health.health = HealthView(targets={"a/m": down, "b/m": down})
    planned = await bench.plan(replace(FACTS), request_id="r")
    assert isinstance(planned.error, NoHealthyProviders)
    assert planned.error.message.startswith("NoHealthyProviders: ")
    assert [record.event.decision_type for record in bench.log.records] == ["route_reject"]
    assert bench.told.planned == [False]
