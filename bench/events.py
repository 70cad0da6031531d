"""What the audit event of a request costs: CPU microseconds, the least of several rounds.

.venv/bin/python -m bench.events
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from llm_gateway.adapters.clock import SystemClock
from llm_gateway.adapters.decision_log.chain import Chain
from llm_gateway.adapters.decision_log.jsonl import JsonlDecisionLog
from llm_gateway.adapters.decision_log.null import NullDecisionLog
from llm_gateway.adapters.identifiers import Uuid7Identifiers
from llm_gateway.application.ports.decision_log import DecisionLog
from llm_gateway.application.route_inference import RouteInference
from llm_gateway.application.service_identity import ServiceIdentity
from llm_gateway.domain.capability import Capability
from llm_gateway.domain.decision import Decision
from llm_gateway.domain.decision_record import DecisionRecord
from llm_gateway.domain.facts_document import facts_text, inputs_hash
from llm_gateway.domain.health_view import HealthView, TargetHealth
from llm_gateway.domain.provider import Model, Provider
from llm_gateway.domain.replay import replay_text
from llm_gateway.domain.request_facts import RequestFacts
from llm_gateway.domain.router import Router
from llm_gateway.domain.routing_rule import RoutingRule, RuleAction, RuleMatch
from llm_gateway.domain.routing_snapshot import RoutingSnapshot

ROUNDS = 15
CALLS = 4_000

NAMES = ("openai", "azure", "groq")
SNAPSHOT = RoutingSnapshot.build(
    providers=[
        Provider(id=name, type="t", dialect="openai.chat", models=(Model(name="gpt-4o"),)) for name in NAMES
    ],
    rules=[
        RoutingRule(name="gpt", match=RuleMatch(models=("gpt-*",)), action=RuleAction(strategy="weighted"))
    ],
)
FACTS = RequestFacts(
    model="gpt-4o",
    tenant="acme",
    capabilities=frozenset({Capability.STREAMING, Capability.TOOLS}),
    input_tokens=812,
    max_output_tokens=512,
    headers=(("x-tier", "gold"),),
    affinity_key="5f" * 16,
)
HEALTH = HealthView(
    targets={f"{name}/gpt-4o": TargetHealth(score=0.993, latency_ms=212.25, in_flight=3) for name in NAMES},
    round_robin=12,
)
DECISION = Router().decide(FACTS, SNAPSHOT, HEALTH)


class Fixed:
    """The current snapshot and its health, which cost nothing here."""

    def current(self) -> RoutingSnapshot:
        return SNAPSHOT

    def view(self, snapshot: RoutingSnapshot) -> HealthView:
        return HEALTH


def microseconds(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time()
        for _ in range(CALLS):
            work()
        best = min(best, time.process_time() - started)
    return best / CALLS * 1e6


def build(decision: Decision = DECISION, health: HealthView = HEALTH) -> DecisionRecord:
    """Everything that the event adds to a decision, up to its bytes."""
    text = facts_text(FACTS)
    return DecisionRecord(
        decision=decision,
        decision_id="018bcfe5-6800-7000-8000-000000000001",
        event_id="018bcfe5-6800-7000-8000-000000000002",
        inputs_hash=inputs_hash(text),
        replay=replay_text(text, decision, health, ()),
        time=1_790_000_000.123,
        agent_version="0.1.0",
        request_id="018bcfe5-6800-7000-8000-000000000003",
        snapshot_hash=SNAPSHOT.hash,
        trace_id="4bf92f3577b34da6a3ce929d0e0e4736",
    )


def routed_into(log: DecisionLog) -> Callable[[], object]:
    identity = ServiceIdentity(agent_version="0.1.0")
    route = RouteInference(
        snapshots=Fixed(),
        health=Fixed(),
        log=log,
        clock=SystemClock(),
        identifiers=Uuid7Identifiers(),
        identity=identity,
    )
    return lambda: route(FACTS, request_id="018bcfe5-6800-7000-8000-000000000003")


def main() -> None:
    chain, record = Chain(), build()
    print(f"record of {len(chain.seal(record))} bytes, {len(DECISION.candidates)} candidates; CPU µs each")
    print(f"  build            {microseconds(build):6.1f}")
    print(f"  seal             {microseconds(lambda: chain.seal(record)):6.1f}")
    print(f"  build + seal     {microseconds(lambda: chain.seal(build())):6.1f}")
    decide = microseconds(lambda: Router().decide(FACTS, SNAPSHOT, HEALTH))
    print(f"  Router.decide    {decide:6.1f}")
    print(f"  RouteInference   {microseconds(routed_into(NullDecisionLog())):6.1f}  without a log")
    with tempfile.TemporaryDirectory() as spool:
        log = JsonlDecisionLog(Path(spool), SystemClock())
        log.open()
        print(f"  RouteInference   {microseconds(routed_into(log)):6.1f}  each record written at once")
        log.close()


if __name__ == "__main__":
    main()
