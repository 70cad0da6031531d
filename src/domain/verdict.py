"""Verdict: what a decision says of its selected target, the same for many requests."""

from __future__ import annotations

from dataclasses import dataclass

from llm_gateway.domain.confidence import confidence
from llm_gateway.domain.constraint import AvailabilityConstraint, Constraint, ModelSupportConstraint
from llm_gateway.domain.decision import Confidence, RoutingStep
from llm_gateway.domain.planned_target import PlannedTarget
from llm_gateway.domain.strategy import Strategy

# An unavailable target's availability is 0, and 0 is what it would have to exceed: the health book has
# already turned its own thresholds into `available`.
AVAILABILITY_THRESHOLD = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`constraints` are those that every selected target was held against; `steps` order and confidence."""

    confidence: Confidence
    constraints: tuple[Constraint, ...]
    steps: tuple[RoutingStep, ...]


def verdict_on(selected: PlannedTarget, strategy: Strategy, health_score: float) -> Verdict:
    target = selected.profile.target
    sure = confidence(selected.certainty, health_score)
    return Verdict(
        confidence=sure,
        constraints=(
            ModelSupportConstraint(model_id=target.model, provider_id=target.provider_id, supported=True),
            AvailabilityConstraint(
                provider_id=target.provider_id,
                health_score=health_score,
                threshold=AVAILABILITY_THRESHOLD,
            ),
        ),
        steps=(
            RoutingStep(
                phase="order",
                action="select_provider",
                details=f"{strategy} puts {selected.id} first",
            ),
            RoutingStep(
                phase="confidence",
                action="finalize",
                details=f"rule match {sure.rule_match:g}, availability {sure.availability:g}",
            ),
        ),
    )
