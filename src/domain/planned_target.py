"""PlannedTarget: a target as one request's rules see it, with its weight and how it got here."""

from __future__ import annotations

from dataclasses import dataclass

from llm_gateway.domain.decision import Candidate
from llm_gateway.domain.target_profile import TargetProfile


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlannedTarget:
    """`id` repeats the target's; `candidate` is its entry in the decision while nothing excludes it.

    `certainty` is confidence.py's rule_match.
    """

    id: str
    profile: TargetProfile
    candidate: Candidate
    certainty: float

    @property
    def weight(self) -> int:
        return self.candidate.weight

    def excluded(self, reason: str) -> Candidate:
        candidate = self.candidate
        return Candidate(target=candidate.target, via=candidate.via, weight=candidate.weight, excluded=reason)


def planned(profile: TargetProfile, via: str, weight: int, certainty: float) -> PlannedTarget:
    return PlannedTarget(
        id=profile.id,
        profile=profile,
        candidate=Candidate(target=profile.target, via=via, weight=weight),
        certainty=certainty,
    )
