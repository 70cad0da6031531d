"""DecisionText: what of an event's canonical JSON is the same whenever the same decision comes about."""

from __future__ import annotations

from dataclasses import dataclass

from llm_gateway.domain.constraint_document import constraint_document
from llm_gateway.domain.decision import Decision
from llm_gateway.domain.decision_event import EVENT_DOMAIN, check_decision
from llm_gateway.domain.decision_outputs import DecisionOutputs, confidence_document
from llm_gateway.domain.json_text import document_text


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionText:
    """Members in canonical order: `judgement` is `confidence` to `domain`, `outputs` the one of that name."""

    judgement: str
    outputs: str


def decision_text(decision: Decision) -> DecisionText:
    """Worked out once per decision, which keeps it: a decision is shared by all requests that it is made for.

    Raises InvalidDecisionEvent for a decision that no event may carry.
    """
    known = decision.text
    if isinstance(known, DecisionText):
        return known
    outputs = DecisionOutputs.of(decision)
    check_decision(decision.decision_type, decision.confidence, outputs)
    constraints = [constraint_document(constraint) for constraint in decision.constraints]
    made = DecisionText(
        judgement=f'"confidence":{document_text(confidence_document(decision.confidence))}'
        f',"constraints_applied":{document_text(constraints)}'
        f',"decision_type":"{decision.decision_type}","domain":"{EVENT_DOMAIN}"',
        outputs=f'"outputs":{document_text(outputs.document())}',
    )
    object.__setattr__(decision, "text", made)  # no part of its value: comparisons do not see it
    return made
