"""ReplayInputs: everything a decision was made from except its snapshot, as stored with its event.

Of the health view it holds what the decision could see: the values of its own candidates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llm_gateway.domain.constraint import PolicyConstraint
from llm_gateway.domain.decision import Decision
from llm_gateway.domain.exact_number import exact_float, exact_integer, exact_number
from llm_gateway.domain.facts_document import facts_document, facts_from_document
from llm_gateway.domain.health_view import HealthView, TargetHealth
from llm_gateway.domain.json_text import document_text, number_text, quoted
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
        health = self.health
        seen = [candidate.target.id for candidate in decision.candidates]
        known = [(target, health.targets[target]) for target in seen if target in health.targets]
        return {
            "after": [(target.provider_id, target.model, reason) for target, reason in self.after],
            "denied": [(target, *health.denied[target]) for target in seen if target in health.denied],
            "facts": facts_document(self.facts),
            "health": [_health_document(target, found) for target, found in known],
            **({"passed": _passed_document(decision, health)} if health.passed else {}),
            "round_robin": exact_integer(health.round_robin),
        }

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
                passed=_passed(document.get("passed")),
            ),
            after=tuple((Target(provider, model), reason) for provider, model, reason in document["after"]),
        )


def replay_text(
    facts: str, decision: Decision, health: HealthView, after: Sequence[tuple[Target, str]]
) -> str:
    """`ReplayInputs.document` as canonical JSON, in one walk for every request; `facts` is `facts_text`'s."""
    entries: list[str] = []
    denied: list[tuple[str, str, str]] = []
    if health.targets or health.denied:
        for candidate in decision.candidates:
            target = candidate.target.id
            known = health.targets.get(target)
            if known is not None:
                entries.append(_health_text(target, known))
            if target in health.denied:
                denied.append((target, *health.denied[target]))
    tried = [(target.provider_id, target.model, reason) for target, reason in after]
    passed = ""
    if health.passed:
        judged = [
            f"[{quoted(target)},{quoted(policy_id)},{quoted(effect)}]"
            for target, policy_id, effect in _passed_document(decision, health)
        ]
        passed = f',"passed":[{",".join(judged)}]'
    return (
        f'{{"after":{document_text(tried) if tried else "[]"}'
        f',"denied":{document_text(denied) if denied else "[]"}'
        f',"facts":{facts},"health":[{",".join(entries)}]{passed}'
        f',"round_robin":{number_text(health.round_robin)}}}'
    )


def _passed_document(decision: Decision, health: HealthView) -> list[tuple[str, str, str]]:
    """Left out where nobody was asked: records from before there were policies stay as they are."""
    passed = health.passed or {}
    return [
        (candidate.target.id, each.policy_id, each.effect)
        for candidate in decision.candidates
        for each in passed.get(candidate.target.id, ())
    ]


def _passed(document: Sequence[Sequence[Any]] | None) -> Mapping[str, tuple[PolicyConstraint, ...]] | None:
    if document is None:
        return None
    found: dict[str, tuple[PolicyConstraint, ...]] = {}
    for target, policy_id, effect in document:
        constraint = PolicyConstraint(policy_id=policy_id, effect=effect)
        found[target] = (*found.get(target, ()), constraint)
    return found


def _health_text(target: str, health: TargetHealth) -> str:
    if not health.available or health.breaker != "closed":
        return document_text(_health_document(target, health))
    text = "{"
    if health.in_flight:
        text = f'{{"in_flight":{number_text(health.in_flight)},'
    if health.latency_ms is not None:
        text = f'{text}"latency_ms":{number_text(health.latency_ms)},'
    if health.reason is not None:
        text = f'{text}"reason":{quoted(health.reason)},'
    if health.retry_after is not None:
        text = f'{text}"retry_after":{number_text(health.retry_after)},'
    if health.score != 1:
        text = f'{text}"score":{number_text(health.score)},'
    return f'{text}"target":{quoted(target)}}}'


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
