"""Decisions, events and records that are valid, for tests that change one thing about them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from llm_gateway.domain.capability import Capability
from llm_gateway.domain.constraint import (
    AvailabilityConstraint,
    CapabilityConstraint,
    ModelSupportConstraint,
    PerformanceBudgetConstraint,
    PolicyConstraint,
    ProviderConstraint,
    TenantConstraint,
)
from llm_gateway.domain.decision import Candidate, Confidence, Decision, Rejection, RoutingStep
from llm_gateway.domain.decision_event import DecisionEvent
from llm_gateway.domain.decision_record import DecisionRecord
from llm_gateway.domain.facts_document import facts_text
from llm_gateway.domain.health_view import HealthView, TargetHealth
from llm_gateway.domain.replay import ReplayInputs, replay_text
from llm_gateway.domain.request_facts import RequestFacts, RoutingHints
from llm_gateway.domain.target import Target

OPENAI = Target("openai", "gpt-4o")
AZURE = Target("azure", "gpt-4o")
GROQ = Target("groq", "org/llama-4")

EVERY_CONSTRAINT = (
    PolicyConstraint(policy_id="residency", effect="deny"),
    ProviderConstraint(provider_id="groq", reason="excluded by hint"),
    CapabilityConstraint(capability="tools", satisfied=True),
    AvailabilityConstraint(provider_id="openai", health_score=0.875, threshold=0.0),
    ModelSupportConstraint(model_id="gpt-4o", provider_id="openai", supported=True),
    TenantConstraint(tenant_id="acme", constraint_type="rule", satisfied=True),
    PerformanceBudgetConstraint(budget_type="latency_ms", limit=500.0, current=212.5, exceeded=False),
)

SELECT = Decision(
    decision_type="route_select",
    selected=OPENAI,
    fallback=(AZURE,),
    strategy="weighted",
    matched_rules=("gpt-models",),
    constraints=EVERY_CONSTRAINT,
    candidates=(
        Candidate(target=OPENAI, via="alias:fast", weight=100),
        Candidate(target=AZURE, via="alias:fast", weight=50),
        Candidate(target=GROQ, via="alias:fast", weight=10, excluded="excluded by hint"),
    ),
    steps=(RoutingStep(phase="resolve", action="resolve_model", details="fast: 3 candidates"),),
    confidence=Confidence(rule_match=1.0, availability=0.875, overall=0.9354143466934853),
    model_transformed=True,
)

FALLBACK = replace(SELECT, decision_type="route_fallback", selected=AZURE, fallback=())

REJECT = replace(
    SELECT,
    decision_type="route_reject",
    selected=None,
    fallback=(),
    confidence=Confidence(rule_match=0.0, availability=0.0, overall=0.0),
    model_transformed=False,
    rejection=Rejection(code="no_healthy_providers", message="NoHealthyProviders: all open"),
)

DECISIONS = {decision.decision_type: decision for decision in (SELECT, FALLBACK, REJECT)}

FACTS = RequestFacts(
    model="fast",
    tenant="acme",
    capabilities=frozenset({Capability.TOOLS, Capability.STREAMING}),
    parameters=frozenset({"seed", "logit_bias"}),
    input_tokens=812,
    max_output_tokens=512,
    headers=(("x-tier", "gold"),),
    metadata=(("team", "søk"),),
    hints=RoutingHints(excluded_providers=("groq",), max_latency_ms=500, optimize_cost=False),
    affinity_key="5f" * 16,
    bound_to=("openai", "azure"),
)

HEALTH = HealthView(
    targets={
        OPENAI.id: TargetHealth(score=0.875, latency_ms=212.5, in_flight=3),
        AZURE.id: TargetHealth(
            breaker="open", available=False, reason="breaker open", score=3e-7, retry_after=12.25
        ),
    },
    round_robin=41,
    denied={GROQ.id: ("residency", "data stays in the EU")},
)

INPUTS = ReplayInputs(facts=FACTS, health=HEALTH, after=((OPENAI, "rejected:429"),))

DECISION_ID = "018bcfe5-6800-7000-8000-000000000001"
EVENT_ID = "018bcfe5-6800-7000-8000-000000000002"


def event(decision: Decision = SELECT, **changes: Any) -> DecisionEvent:
    values: dict[str, Any] = {
        "inputs_hash": "ab" * 32,
        "decision_id": DECISION_ID,
        "time": 1_700_000_000.125,
        "agent_version": "1.2.3-rc.1",
        "request_id": "req-1",
        "snapshot_hash": "cd" * 32,
    }
    return DecisionEvent.of(decision, **{**values, **changes})


def record(decision: Decision = SELECT, *, inputs: ReplayInputs = INPUTS, **changes: Any) -> DecisionRecord:
    values: dict[str, Any] = {
        "decision_id": DECISION_ID,
        "event_id": EVENT_ID,
        "inputs_hash": "ab" * 32,
        "time": 1_700_000_000.125,
        "agent_version": "1.2.3-rc.1",
        "request_id": "req-1",
        "snapshot_hash": "cd" * 32,
        "replay": replay_text(facts_text(inputs.facts), decision, inputs.health, inputs.after),
    }
    return DecisionRecord(decision=decision, **{**values, **changes})


def record_document(
    of: DecisionRecord, *, sequence: int, prev_hash: str, inputs: ReplayInputs = INPUTS
) -> dict[str, Any]:
    """What `of.text` has to say, put together from documents."""
    own = {"event_id": of.event_id, "sequence": sequence, "prev_hash": prev_hash}
    return {**of.event.document(), **own, "replay": inputs.document(of.decision)}
