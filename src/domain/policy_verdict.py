"""PolicyVerdict: what a policy peer says of one candidate, with what it wrote made harmless."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from llm_gateway.domain.constraint import PolicyConstraint

_LONGEST_ID = 64
_LONGEST_REASON = 200
_NOT_OF_AN_ID = re.compile(r"[^A-Za-z0-9._:/-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyVerdict:
    """`policy_id` begins with the peer's name. `skip`: there was no verdict, and configuration lets requests
    pass without one; a `deny` has its reason, one printable line."""

    policy_id: str
    effect: Literal["allow", "deny", "skip"]
    reason: str = ""


def denial(peer: str, rule: str, reason: str) -> PolicyVerdict:
    """`rule` and `reason` are the peer's own words: they go into events and to clients, so that neither
    may be long or hold a control character, a line break or half a surrogate pair."""
    name = _NOT_OF_AN_ID.sub("_", rule)[:_LONGEST_ID]
    said = " ".join("".join(c if c.isprintable() else " " for c in reason[: 4 * _LONGEST_REASON]).split())
    return PolicyVerdict(
        policy_id=f"{peer}:{name}" if name else peer,
        effect="deny",
        reason=said[:_LONGEST_REASON] or "denied",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyVerdicts:
    """By target id. `denied` is the first denial (policy id, reason); `passed` are the verdicts that took
    nothing away, each as the constraint that says so. A target that is in neither was not judged."""

    denied: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    passed: Mapping[str, tuple[PolicyConstraint, ...]] = field(default_factory=dict)

    def and_also(self, judged: Iterable[tuple[Sequence[str], PolicyVerdict]]) -> PolicyVerdicts:
        """With further verdicts, each on all the targets beside it."""
        denied, passed = dict(self.denied), dict(self.passed)
        for targets, verdict in judged:
            if verdict.effect == "deny":
                for target in targets:
                    denied.setdefault(target, (verdict.policy_id, verdict.reason))
                continue
            constraint = PolicyConstraint(policy_id=verdict.policy_id, effect=verdict.effect)
            for target in targets:
                passed[target] = (*passed.get(target, ()), constraint)
        return PolicyVerdicts(denied=denied, passed=passed)


NO_VERDICTS = PolicyVerdicts()
