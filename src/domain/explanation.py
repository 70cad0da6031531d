"""The explanation of a decision as plain JSON: every candidate in order, with its verdict and reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llm_gateway.domain.decision import Candidate, Decision


def explanation(decision: Decision) -> dict[str, Any]:
    """For `GET /v1/decisions/{id}`.

    `candidates`: `target`, `via` (what made it a candidate: `alias:fast`, `explicit`, `model`,
    `rule:<name>`, `default`), `weight`, `verdict` (`selected`, `next:<n>` from 1, `excluded`, or `spare`
    for one that was usable but beyond the fallback list) and `reason` (why excluded, else null).
    """
    rejection = decision.rejection
    verdicts = {target.id: f"next:{place}" for place, target in enumerate(decision.fallback, start=1)}
    if decision.selected:
        verdicts[decision.selected.id] = "selected"
    return {
        "decision_type": decision.decision_type,
        "selected": decision.selected.id if decision.selected else None,
        "strategy": decision.strategy,
        "matched_rules": list(decision.matched_rules),
        "candidates": [_candidate(candidate, verdicts) for candidate in decision.candidates],
        "steps": [
            {"phase": step.phase, "action": step.action, "details": step.details} for step in decision.steps
        ],
        "dropped_parameters": list(decision.dropped_parameters),
        "rejection": None
        if rejection is None
        else {
            "code": rejection.code,
            "message": rejection.message,
            "param": rejection.param,
            "retry_after": rejection.retry_after,
        },
    }


def _candidate(candidate: Candidate, verdicts: Mapping[str, str]) -> dict[str, Any]:
    target = candidate.target.id
    spare = "spare" if candidate.excluded is None else "excluded"
    return {
        "target": target,
        "via": candidate.via,
        "weight": candidate.weight,
        "verdict": verdicts.get(target, spare),
        "reason": candidate.excluded,
    }
