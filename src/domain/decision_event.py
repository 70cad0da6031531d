"""DecisionEvent: the audit record of one Decision, field for field the platform's contract."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, get_args

from llm_gateway.domain.constraint import Constraint
from llm_gateway.domain.constraint_document import constraint_document
from llm_gateway.domain.decision import Confidence, Decision, DecisionType
from llm_gateway.domain.decision_outputs import DecisionOutputs, confidence_document

AGENT_ID = "inference-routing-agent"
EVENT_DOMAIN = "routing"

# The contract's names, sorted: what of a stored record is the event itself.
EVENT_FIELDS = (
    "agent_id",
    "agent_version",
    "confidence",
    "constraints_applied",
    "decision_type",
    "domain",
    "evidence_refs",
    "execution_ref",
    "inputs_hash",
    "layer",
    "outputs",
    "phase",
    "source_agent",
    "timestamp",
)

_DECISION_TYPES = frozenset(get_args(DecisionType))
_HASH = re.compile(r"[0-9a-f]{64}").fullmatch
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z").fullmatch
# semver.org's own expression, without the capture groups.
_VERSION = re.compile(
    r"(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)"
    r"(?:-(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?"
    r"(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?"
).fullmatch


class InvalidDecisionEvent(ValueError):
    """An event that would break the contract; `field` names where."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"Validation failed for DecisionEvent: {field} {problem}")
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionEvent:
    """Built once per decision. Raises InvalidDecisionEvent for a field outside the contract's bounds.

    `agent_id` and `source_agent` are AGENT_ID, `domain` is EVENT_DOMAIN. `timestamp` is RFC 3339 in UTC
    with `Z`, in milliseconds. `evidence_refs` are `request:<id>`, `snapshot:<hash>`, `trace:<id>` and, on a
    fallback, `decision:<the earlier decision>`.
    """

    agent_version: str
    decision_type: DecisionType
    inputs_hash: str
    outputs: DecisionOutputs
    confidence: Confidence
    constraints_applied: tuple[Constraint, ...]
    execution_ref: str
    timestamp: str
    evidence_refs: tuple[str, ...]
    phase: str = ""
    layer: str = ""

    def __post_init__(self) -> None:
        check_agent_version(self.agent_version)
        if not _HASH(self.inputs_hash):
            raise InvalidDecisionEvent("inputs_hash", "is not 64 lower-case hexadecimal digits")
        if not 1 <= len(self.execution_ref) <= 256:
            raise InvalidDecisionEvent(
                "execution_ref", f"has {len(self.execution_ref)} characters, not 1 to 256"
            )
        if not _TIMESTAMP(self.timestamp):
            raise InvalidDecisionEvent("timestamp", f"is {self.timestamp!r}, not RFC 3339 in UTC")
        check_decision(self.decision_type, self.confidence, self.outputs)

    @classmethod
    def of(
        cls,
        decision: Decision,
        *,
        inputs_hash: str,
        decision_id: str,
        time: float,
        agent_version: str,
        request_id: str,
        snapshot_hash: str,
        trace_id: str | None = None,
        previous: str | None = None,
        phase: str = "",
        layer: str = "",
    ) -> DecisionEvent:
        """The event of `decision`, made at `time` (Unix seconds); `previous` is the decision it follows."""
        evidence = [f"request:{request_id}", f"snapshot:{snapshot_hash}"]
        if trace_id is not None:
            evidence.append(f"trace:{trace_id}")
        if previous is not None:
            evidence.append(f"decision:{previous}")
        return cls(
            agent_version=agent_version,
            decision_type=decision.decision_type,
            inputs_hash=inputs_hash,
            outputs=DecisionOutputs.of(decision),
            confidence=decision.confidence,
            constraints_applied=decision.constraints,
            execution_ref=decision_id,
            timestamp=timestamp(time),
            evidence_refs=tuple(evidence),
            phase=phase,
            layer=layer,
        )

    def document(self) -> dict[str, Any]:
        """Exactly the contract's fields as plain JSON, members in sorted order, nulls present."""
        return {
            "agent_id": AGENT_ID,
            "agent_version": self.agent_version,
            "confidence": confidence_document(self.confidence),
            "constraints_applied": [constraint_document(item) for item in self.constraints_applied],
            "decision_type": self.decision_type,
            "domain": EVENT_DOMAIN,
            "evidence_refs": self.evidence_refs,
            "execution_ref": self.execution_ref,
            "inputs_hash": self.inputs_hash,
            "layer": self.layer,
            "outputs": self.outputs.document(),
            "phase": self.phase,
            "source_agent": AGENT_ID,
            "timestamp": self.timestamp,
        }


def timestamp(time: float) -> str:
    """RFC 3339 in UTC with milliseconds and `Z`, from Unix seconds. Raises ValueError beyond year 9999."""
    milliseconds = round(time * 1000)
    return f"{_second(milliseconds // 1000)}.{milliseconds % 1000:03d}Z"


@lru_cache(maxsize=4)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:-6]


def check_agent_version(version: str) -> None:
    """Raises InvalidDecisionEvent unless `version` is a semantic version of 5 to 32 characters."""
    if not 5 <= len(version) <= 32 or not _VERSION(version):
        raise InvalidDecisionEvent(
            "agent_version", f"is {version!r}, not a semantic version of 5 to 32 characters"
        )


def check_decision(decision_type: DecisionType, confidence: Confidence, outputs: DecisionOutputs) -> None:
    """Raises InvalidDecisionEvent unless the three are within bounds and fit each other."""
    if decision_type not in _DECISION_TYPES:
        raise InvalidDecisionEvent("decision_type", f"is {decision_type!r}")
    for name in ("rule_match", "availability", "overall"):
        value = getattr(confidence, name)
        if not 0 <= value <= 1:  # false for NaN, too
            raise InvalidDecisionEvent(f"confidence.{name}", f"is {value!r}, not between 0 and 1")
    if (decision_type == "route_reject") != (outputs.rejection_reason is not None):
        raise InvalidDecisionEvent("outputs.rejection_reason", f"does not fit {decision_type}")
    if (outputs.selected_provider is None) != (outputs.rejection_reason is not None):
        raise InvalidDecisionEvent("outputs.selected_provider", "is null exactly for a rejection")
