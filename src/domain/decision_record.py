"""DecisionRecord: a DecisionEvent together with what it takes to store, chain and replay it."""

from __future__ import annotations

from llm_gateway.domain.decision import Decision
from llm_gateway.domain.decision_event import AGENT_ID, DecisionEvent, timestamp
from llm_gateway.domain.decision_text import decision_text
from llm_gateway.domain.json_text import quoted
from llm_gateway.domain.value import value


@value
class DecisionRecord:
    """`event_id` is a UUIDv7 that stays the same over re-delivery; `replay` is `domain.replay`'s text. The
    other members are DecisionEvent.of's.
    """

    decision: Decision
    decision_id: str
    event_id: str
    inputs_hash: str
    replay: str
    time: float
    agent_version: str
    request_id: str
    snapshot_hash: str
    trace_id: str | None = None
    previous: str | None = None
    phase: str = ""
    layer: str = ""

    @property
    def event(self) -> DecisionEvent:
        """For who wants to read it: storing takes `text`. Raises InvalidDecisionEvent."""
        return DecisionEvent.of(
            self.decision,
            inputs_hash=self.inputs_hash,
            decision_id=self.decision_id,
            time=self.time,
            agent_version=self.agent_version,
            request_id=self.request_id,
            snapshot_hash=self.snapshot_hash,
            trace_id=self.trace_id,
            previous=self.previous,
            phase=self.phase,
            layer=self.layer,
        )

    def text(self, *, sequence: int, prev_hash: str) -> str:
        """The stored record without its `hash`, as canonical JSON: the event's fields and its own, sorted.

        Written straight as text: documents and an encoder would cost three times as much. A test holds it
        against `event`. Raises InvalidDecisionEvent.
        """
        decision = decision_text(self.decision)
        evidence = f'{quoted("request:" + self.request_id)},"snapshot:{self.snapshot_hash}"'
        if self.trace_id is not None:
            evidence += f",{quoted('trace:' + self.trace_id)}"
        if self.previous is not None:
            evidence += f",{quoted('decision:' + self.previous)}"
        return (
            f'{{"agent_id":"{AGENT_ID}","agent_version":"{self.agent_version}",{decision.judgement}'
            f',"event_id":"{self.event_id}","evidence_refs":[{evidence}],"execution_ref":"{self.decision_id}"'
            f',"inputs_hash":"{self.inputs_hash}","layer":{quoted(self.layer)},{decision.outputs}'
            f',"phase":{quoted(self.phase)},"prev_hash":"{prev_hash}","replay":{self.replay}'
            f',"sequence":{sequence},"source_agent":"{AGENT_ID}","timestamp":"{timestamp(self.time)}"}}'
        )
