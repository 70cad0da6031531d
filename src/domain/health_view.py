"""HealthView: what was known about each target at decision time, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from llm_gateway.domain.constraint import PolicyConstraint
from llm_gateway.domain.policy_verdict import PolicyVerdicts
from llm_gateway.domain.value import value

BreakerState = Literal["closed", "open", "half_open"]


@value
class TargetHealth:
    """One target's health. `score` is 0..1; `retry_after` seconds until a cooldown or an open breaker ends.

    `available` is False exactly when the target must not be chosen now (breaker open, no probe left in
    half-open, cooling down, bulkhead full); `reason` says which, in one of those words.
    """

    breaker: BreakerState = "closed"
    available: bool = True
    reason: str | None = None
    score: float = 1.0
    latency_ms: float | None = None
    in_flight: int = 0
    retry_after: float | None = None


UNKNOWN_HEALTH = TargetHealth()


@value
class HealthView:
    """`targets` by target id; one that is absent has `UNKNOWN_HEALTH`: never tried, taken as healthy.

    `round_robin` is the counter that the round-robin strategy uses; it is part of what replay records.
    `denied` maps a target id to the policy that denies it (policy_id, reason); `passed` to the policies that
    were asked about it and let it stay, None where no peer is configured.
    """

    targets: Mapping[str, TargetHealth] = field(default_factory=dict)
    round_robin: int = 0
    denied: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    passed: Mapping[str, tuple[PolicyConstraint, ...]] | None = None

    def of(self, target_id: str) -> TargetHealth:
        return self.targets.get(target_id, UNKNOWN_HEALTH)

    def judged(self, verdicts: PolicyVerdicts) -> HealthView:
        """The same with what policy peers say."""
        return HealthView(
            targets=self.targets,
            round_robin=self.round_robin,
            denied=verdicts.denied,
            passed=verdicts.passed,
        )
