"""ReplayInputs: everything a decision was made from except its snapshot, as stored with its event.

Of the health view it holds what the decision could see: the values of its own candidates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llm_gateway.domain.decision import Decision
from llm_gateway.domain.exact_number import exact_float, exact_integer, exact_number
from llm_gateway.domain.facts_document import facts_document, facts_from_document
from llm_gateway.domain.health_view import HealthView, TargetHealth
from llm_gateway.domain.request_facts import RequestFacts
from llm_gateway.domain.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayInputs:
    """`after` are the targets already tried in this request, each with why it was left."""

    facts: RequestFacts
    health: HealthView
    after: tuple[tuple[Target, str], ...] = ()

    def document(self, decision: Decision) -> dict[str, Any]:
        """The `replay` part of the record of `decision`, which was made from these inputs."""
        return replay_document(facts_document(self.facts), decision, self.health, self.after)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> ReplayInputs:
        """The inverse of `document`, also after a way through JSON.

        Raises KeyError, ValueError or TypeError for a document that is not one.
        """
        return cls(
            facts=facts_from_document(document["facts"]),
            health=HealthView(
                targets={entry["target"]: _health(entry) for entry in document["health"]},
                round_robin=int(document["round_robin"]),
                denied={target: (policy, reason) for target, policy, reason in document["denied"]},
            ),
            after=tuple((Target(provider, model), reason) for provider, model, reason in document["after"]),
        )


def replay_document(
    facts: Mapping[str, Any], decision: Decision, health: HealthView, after: Sequence[tuple[Target, str]]
) -> dict[str, Any]:
    """As `ReplayInputs.document`, for a caller that already has the facts' document."""
    entries: list[dict[str, Any]] = []
    denied: list[tuple[str, str, str]] = []
    if health.targets or health.denied:
        for candidate in decision.candidates:
            target = candidate.target.id
            known = health.targets.get(target)
            if known is not None:
                entries.append(_health_document(target, known))
            if target in health.denied:
                denied.append((target, *health.denied[target]))
    return {
        "after": [(target.provider_id, target.model, reason) for target, reason in after],
        "denied": denied,
        "facts": facts,
        "health": entries,
        "round_robin": exact_integer(health.round_robin),
    }


def _health_document(target: str, health: TargetHealth) -> dict[str, Any]:
    """What differs from UNKNOWN_HEALTH, names sorted: most values of most targets do not."""
    document: dict[str, Any] = {}
    if not health.available:
        document["available"] = False
    if health.breaker != "closed":
        document["breaker"] = health.breaker
    if health.in_flight:
        document["in_flight"] = exact_integer(health.in_flight)
    if health.latency_ms is not None:
        document["latency_ms"] = exact_number(health.latency_ms)
    if health.reason is not None:
        document["reason"] = health.reason
    if health.retry_after is not None:
        document["retry_after"] = exact_number(health.retry_after)
    if health.score != 1:
        document["score"] = exact_number(health.score)
    document["target"] = target
    return document


def _health(entry: Mapping[str, Any]) -> TargetHealth:
    latency_ms, retry_after = entry.get("latency_ms"), entry.get("retry_after")
    return TargetHealth(
        breaker=entry.get("breaker", "closed"),
        available=entry.get("available", True),
        reason=entry.get("reason"),
        score=exact_float(entry.get("score", 1)),
        latency_ms=None if latency_ms is None else exact_float(latency_ms),
        in_flight=int(entry.get("in_flight", 0)),
        retry_after=None if retry_after is None else exact_float(retry_after),
    )
