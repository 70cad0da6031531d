"""ExplainDecision: a stored decision with the reason for every candidate, worked out again from its inputs.

Nothing of an explanation is stored: a decision is a pure function of its record's inputs and its snapshot,
so it is explained by making it once more, which costs the request path nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from llm_gateway.application.ports.decision_log import DecisionLog, StoredRecord
from llm_gateway.application.replay_decision import ReplayDecision
from llm_gateway.domain.decision_event import EVENT_FIELDS
from llm_gateway.domain.errors import NotFound
from llm_gateway.domain.explanation import explanation


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedDecision:
    """`explanation` is None when the decision's snapshot is no longer archived; `exact` then, too."""

    record: StoredRecord
    explanation: dict[str, Any] | None
    exact: bool | None

    def document(self) -> dict[str, Any]:
        """The body of `GET /v1/decisions/{decision_id}`: `exact` says that replay gave the same bytes."""
        return {
            "decision_event": {name: self.record[name] for name in EVENT_FIELDS},
            "explanation": self.explanation,
            "exact": self.exact,
        }


class ExplainDecision:
    """Called by `GET /v1/decisions/{decision_id}`, off the event loop: the log may read files."""

    def __init__(self, log: DecisionLog, replay: ReplayDecision) -> None:
        self._log = log
        self._replay = replay

    def __call__(self, decision_id: str) -> ExplainedDecision:
        """Raises NotFound for a decision that is not, or no longer, in the log."""
        record = self._log.find(decision_id)
        if record is None:
            raise NotFound(f"decision {decision_id} is not in the local log", param="decision_id")
        try:
            report = self._replay(record)
        except NotFound:
            return ExplainedDecision(record=record, explanation=None, exact=None)
        return ExplainedDecision(record=record, explanation=explanation(report.decision), exact=report.exact)
