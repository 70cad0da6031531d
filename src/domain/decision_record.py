"""DecisionRecord: a DecisionEvent together with what it takes to store, chain and replay it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from llm_gateway.domain.constraint_document import constraint_document
from llm_gateway.domain.decision_event import AGENT_ID, EVENT_DOMAIN, DecisionEvent
from llm_gateway.domain.decision_outputs import confidence_document


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """`event_id` is a UUIDv7 that stays the same over re-delivery; `replay` is `domain.replay`'s document."""

    event: DecisionEvent
    event_id: str
    replay: Mapping[str, Any]

    def document(self, *, sequence: int, prev_hash: str) -> dict[str, Any]:
        """The stored record without its `hash`: the event's fields and the record's own, names sorted.

        Written out flat rather than merged from `event.document()`: merging and sorting again would double
        what an event costs. A test compares the two.
        """
        event = self.event
        return {
            "agent_id": AGENT_ID,
            "agent_version": event.agent_version,
            "confidence": confidence_document(event.confidence),
            "constraints_applied": [constraint_document(item) for item in event.constraints_applied],
            "decision_type": event.decision_type,
            "domain": EVENT_DOMAIN,
            "event_id": self.event_id,
            "evidence_refs": event.evidence_refs,
            "execution_ref": event.execution_ref,
            "inputs_hash": event.inputs_hash,
            "layer": event.layer,
            "outputs": event.outputs.document(),
            "phase": event.phase,
            "prev_hash": prev_hash,
            "replay": self.replay,
            "sequence": sequence,
            "source_agent": AGENT_ID,
            "timestamp": event.timestamp,
        }
