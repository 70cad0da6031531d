"""StartTrace: whether spans of a request are wanted, decided once, before it is routed."""

from __future__ import annotations

from collections.abc import Callable

from llm_gateway.domain.sampling_rule import SamplingRule
from llm_gateway.domain.trace_context import RemoteParent, TraceContext, parse_traceparent, parse_tracestate


class StartTrace:
    """`bits` gives that many random bits. `hand_on`: upstreams are told of the trace, sampled or not."""

    def __init__(self, rule: SamplingRule, bits: Callable[[int], int], *, hand_on: bool = False) -> None:
        self._rule = rule
        self._bits = bits
        self._hand_on = hand_on

    def __call__(self, traceparent: bytes | None, tracestate: bytes | None) -> TraceContext | None:
        """The headers as they came. None: no spans, and nothing to hand on."""
        parent = parse_traceparent(traceparent) if traceparent is not None else None
        if parent is not None:
            sampled = self._rule.child(parent)
            if sampled or self._hand_on:
                return self._context(parent.trace_id, sampled, parent, parse_tracestate(tracestate or b""))
            return None
        low = self._bits(64)  # the other half is only drawn for an id that is used
        sampled = self._rule.root(low)
        if sampled or self._hand_on:
            return self._context(f"{self._bits(64) or 1:016x}{low:016x}", sampled)
        return None

    def _context(
        self, trace_id: str, sampled: bool, parent: RemoteParent | None = None, state: str = ""
    ) -> TraceContext:
        return TraceContext(
            trace_id=trace_id,
            span_id=self._bits(64) or 1,
            parent=parent,
            state=state,
            sampled=sampled,
            handed_on=self._hand_on,
        )
