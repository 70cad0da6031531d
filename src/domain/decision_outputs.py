"""DecisionOutputs: what a decision says to the outside, in the words of the DecisionEvent contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from llm_gateway.domain.decision import Confidence, Decision
from llm_gateway.domain.exact_number import exact_number


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionOutputs:
    """`selected_*` are None exactly when `rejection_reason` (`<code>: <message>`) is not.

    `routing_path` holds, in order: what made the selected target a candidate (`alias:fast`, `explicit`,
    `model`, `default`), every matched rule (`rule:<name>`), `strategy:<name>`, each request parameter that
    configuration lets the selected target go without (`drop:<name>`), and each next target
    (`next:<provider>/<model>`); for a rejection it ends in `reject:<code>`. `fallback_providers` names the
    provider of each next target, in order.
    """

    selected_provider: str | None
    selected_model: str | None
    model_transformed: bool
    routing_path: tuple[str, ...]
    fallback_providers: tuple[str, ...]
    rejection_reason: str | None

    @classmethod
    def of(cls, decision: Decision) -> DecisionOutputs:
        selected = decision.selected
        rejection = decision.rejection
        return cls(
            selected_provider=selected.provider_id if selected else None,
            selected_model=selected.model if selected else None,
            model_transformed=decision.model_transformed,
            routing_path=_routing_path(decision),
            fallback_providers=tuple([target.provider_id for target in decision.fallback]),
            rejection_reason=f"{rejection.code}: {rejection.message}" if rejection else None,
        )

    def document(self) -> dict[str, Any]:
        """Plain JSON, members in sorted order, nulls present."""
        return {
            "fallback_providers": self.fallback_providers,
            "model_transformed": self.model_transformed,
            "rejection_reason": self.rejection_reason,
            "routing_path": self.routing_path,
            "selected_model": self.selected_model,
            "selected_provider": self.selected_provider,
        }


def confidence_document(confidence: Confidence) -> dict[str, int | float | str]:
    return {
        "availability": exact_number(confidence.availability),
        "overall": exact_number(confidence.overall),
        "rule_match": exact_number(confidence.rule_match),
    }


def _routing_path(decision: Decision) -> tuple[str, ...]:
    path = []
    via = _via(decision)
    if via and not via.startswith("rule:"):
        path.append(via)
    path.extend([f"rule:{name}" for name in decision.matched_rules])
    path.append(f"strategy:{decision.strategy}")
    path.extend([f"drop:{name}" for name in decision.dropped_parameters])
    path.extend([f"next:{target.id}" for target in decision.fallback])
    if decision.rejection:
        path.append(f"reject:{decision.rejection.code}")
    return tuple(path)


def _via(decision: Decision) -> str | None:
    selected = decision.selected
    if selected is not None:
        for candidate in decision.candidates:
            if candidate.target is selected or candidate.target == selected:
                return candidate.via
    return None
