"""Shortlist: the candidates that can serve a request at all, whatever the health of the moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from llm_gateway.domain.constraint import (
    CapabilityConstraint,
    Constraint,
    PerformanceBudgetConstraint,
    ProviderConstraint,
)
from llm_gateway.domain.decision import Candidate, Decision, RoutingStep
from llm_gateway.domain.exclusion import Exclusion
from llm_gateway.domain.memo import Memo
from llm_gateway.domain.planned_target import PlannedTarget
from llm_gateway.domain.pool import Pool
from llm_gateway.domain.request_facts import RequestFacts
from llm_gateway.domain.strategy import Strategy
from llm_gateway.domain.verdict import Verdict, verdict_on

_VERDICTS = 64
_DECISIONS = 256


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shortlist:
    """`pool` is what is left; each other entry of the plan has its exclusion.

    `candidates` are all of the plan's, for the decision; `step` is the decision's as long as health
    excludes nobody else. `constraints` are those on capabilities and
    hints, in the order of evaluation. `decisions` are the router's, by all that still makes a difference.
    """

    pool: Pool
    candidates: tuple[Candidate, ...]
    exclusions: tuple[Exclusion, ...]
    constraints: tuple[Constraint, ...]
    step: RoutingStep
    decisions: Memo[tuple[object, ...], Decision] = field(default_factory=lambda: Memo(_DECISIONS))
    _verdicts: Memo[tuple[str, Strategy, float], Verdict] = field(default_factory=lambda: Memo(_VERDICTS))

    def verdict(self, selected: PlannedTarget, strategy: Strategy, health_score: float) -> Verdict:
        key = (selected.id, strategy, health_score)
        known = self._verdicts.get(key)
        if known is not None:
            return known
        return self._verdicts.keep(key, verdict_on(selected, strategy, health_score))


def shortlist(
    entries: Sequence[PlannedTarget], left_out: Sequence[Candidate], facts: RequestFacts
) -> Shortlist:
    """The checks that depend on the request alone, each target stopping at its first failure.

    `left_out` are candidates that the rules have excluded already.
    """
    left: list[PlannedTarget] = []
    exclusions: list[Exclusion] = []
    examined: list[PlannedTarget] = []
    for entry in entries:
        exclusion = _caller_excludes(entry, facts)
        if exclusion is None:
            examined.append(entry)
            exclusion = _cannot_serve(entry, facts)
        if exclusion is None:
            left.append(entry)
        else:
            exclusions.append(exclusion)
    constraints = [exclusion.constraint for exclusion in exclusions if exclusion.constraint is not None]
    candidates = (*(entry.candidate for entry in entries), *left_out)
    return Shortlist(
        pool=Pool(left),
        candidates=with_exclusions(candidates, exclusions),
        exclusions=tuple(exclusions),
        step=filter_step(len(left), len(candidates)),
        constraints=(*dict.fromkeys(constraints), *_capability_constraints(examined, facts)),
    )


def with_exclusions(
    candidates: tuple[Candidate, ...], exclusions: Sequence[Exclusion]
) -> tuple[Candidate, ...]:
    """The same candidates in the same order, those with an exclusion showing its reason."""
    if not exclusions:
        return candidates
    # By identity: comparing candidates by value would cost more than making them.
    out = {id(e.target.candidate): e.target.excluded(e.reason) for e in exclusions}
    return tuple([out.get(id(candidate), candidate) for candidate in candidates])


def filter_step(left: int, considered: int) -> RoutingStep:
    details = f"{left} of {considered} candidates left"
    return RoutingStep(phase="filter", action="filter_provider", details=details)


def context_need(facts: RequestFacts) -> int:
    """Tokens that must fit the context window, by estimate."""
    return facts.input_tokens + (facts.max_output_tokens or 0)


def _caller_excludes(entry: PlannedTarget, facts: RequestFacts) -> Exclusion | None:
    provider = entry.profile.provider
    hints = facts.hints
    if provider.id in hints.excluded_providers:
        constraint = ProviderConstraint(provider_id=provider.id, reason="excluded by the caller")
        return Exclusion(target=entry, cause="hint", reason="excluded by the caller", constraint=constraint)
    if facts.bound_to and provider.id not in facts.bound_to:
        reason = f"the request holds content bound to {', '.join(sorted(facts.bound_to))}"
        return Exclusion(
            target=entry,
            cause="bound",
            reason=reason,
            constraint=ProviderConstraint(provider_id=provider.id, reason=reason),
        )
    tier, limit = provider.latency_tier, hints.max_latency_tier
    if limit is not None and tier is not None and tier > limit:
        return Exclusion(
            target=entry,
            cause="hint",
            reason=f"latency tier {tier} is above {limit}",
            constraint=PerformanceBudgetConstraint(
                budget_type="latency_tier", limit=limit, current=tier, exceeded=True
            ),
        )
    return None


def _cannot_serve(entry: PlannedTarget, facts: RequestFacts) -> Exclusion | None:
    profile = entry.profile
    missing = facts.capabilities - profile.capabilities
    if missing:
        first = min(missing)
        reason = f"lacks {', '.join(sorted(missing))}"
        return Exclusion(target=entry, cause="capability", reason=reason, subject=first)
    provider = profile.provider
    refused = (facts.parameters & provider.unsupported_parameters) - provider.droppable_parameters
    if refused:
        reason = f"cannot honour {', '.join(sorted(refused))}"
        return Exclusion(target=entry, cause="parameter", reason=reason, subject=min(refused))
    window = profile.context_window
    if window is not None and window < context_need(facts):
        reason = f"context window of {window} tokens is too small"
        return Exclusion(target=entry, cause="context", reason=reason)
    return None


def _capability_constraints(
    examined: Sequence[PlannedTarget], facts: RequestFacts
) -> tuple[CapabilityConstraint, ...]:
    """Satisfied means that some candidate has the capability; with no candidate nothing was evaluated."""
    if not examined:
        return ()
    return tuple(
        CapabilityConstraint(
            capability=str(capability),
            satisfied=any(capability in entry.profile.capabilities for entry in examined),
        )
        for capability in sorted(facts.capabilities)
    )
