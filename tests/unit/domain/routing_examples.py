"""Small providers, facts and snapshots, for the tests of routing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llm_gateway.domain.decision import Decision
from llm_gateway.domain.health_view import HealthView
from llm_gateway.domain.planned_target import PlannedTarget, planned
from llm_gateway.domain.pool import Pool
from llm_gateway.domain.provider import Model, Provider
from llm_gateway.domain.request_facts import RequestFacts, RoutingHints
from llm_gateway.domain.router import Router
from llm_gateway.domain.routing_rule import RoutingRule, RuleAction, RuleMatch
from llm_gateway.domain.routing_snapshot import RoutingSnapshot
from llm_gateway.domain.target import Target
from llm_gateway.domain.target_profile import profile_of


def provider(id: str, *models: str | Model, **fields: Any) -> Provider:
    listed = tuple(Model(name=m) if isinstance(m, str) else m for m in models)
    return Provider(id=id, type="openai", dialect="openai.chat", models=listed, **fields)


def rule(name: str, *, priority: int = 100, enabled: bool = True, **fields: Any) -> RoutingRule:
    """Fields of RuleMatch and RuleAction, told apart by name."""
    action = {key: value for key, value in fields.items() if key in RuleAction.__dataclass_fields__}
    match = {key: value for key, value in fields.items() if key not in action}
    return RoutingRule(
        name=name,
        priority=priority,
        enabled=enabled,
        match=RuleMatch(**match),
        action=RuleAction(**action),
    )


def facts(model: str = "m", **fields: Any) -> RequestFacts:
    hints = {key: fields.pop(key) for key in list(fields) if key in RoutingHints.__dataclass_fields__}
    return RequestFacts(model=model, hints=RoutingHints(**hints), **fields)


def decide(
    snapshot: RoutingSnapshot,
    request: RequestFacts | None = None,
    health: HealthView | None = None,
    after: Sequence[tuple[str, str]] = (),
) -> Decision:
    """`after` as pairs of target id and reason."""
    tried = [(Target(*target_id.split("/", 1)), reason) for target_id, reason in after]
    return Router().decide(request or facts(), snapshot, health or HealthView(), after=tried)


def order(decision: Decision) -> list[str]:
    """Ids of the selected target and the fallback list."""
    selected = [decision.selected.id] if decision.selected else []
    return [*selected, *(target.id for target in decision.fallback)]


def excluded(decision: Decision) -> dict[str, str]:
    """Reason by target id."""
    return {c.target.id: c.excluded for c in decision.candidates if c.excluded is not None}


def target(id: str, *, weight: int = 100, model: Model | None = None) -> PlannedTarget:
    profile = profile_of(provider(id, model or "m"), model, "m", 1.0)
    return planned(profile, "model", weight, 1.0)


def pool(*ids: str) -> Pool:
    return Pool([target(id) for id in ids])
