"""The decision about spans, once per request."""

from __future__ import annotations

import random

import pytest

from llm_gateway.application.start_trace import StartTrace
from llm_gateway.domain.sampling_rule import SamplingRule
from llm_gateway.domain.trace_context import RemoteParent

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SAMPLED, UNSAMPLED = (f"00-{TRACE}-{SPAN}-{flags}".encode() for flags in ("01", "00"))


def start(ratio: float, *, hand_on: bool = False, follows_parent: bool = True) -> StartTrace:
    rule = SamplingRule(ratio, follows_parent=follows_parent)
    return StartTrace(rule, random.Random(3).getrandbits, hand_on=hand_on)


def test_a_callers_trace_goes_on() -> None:
    trace = start(0.0)(SAMPLED, b"rojo=1")
    assert trace is not None and trace.sampled and not trace.handed_on
    assert trace.parent == RemoteParent(trace_id=TRACE, span_id=SPAN, sampled=True)
    assert (trace.trace_id, trace.state) == (TRACE, "rojo=1")


def test_a_caller_who_does_not_want_spans_gets_none() -> None:
    assert start(1.0)(UNSAMPLED, None) is None


@pytest.mark.parametrize("header", [None, b"", b"00-broken", f"00-{'0' * 32}-{SPAN}-01".encode()])
def test_without_a_valid_caller_the_trace_begins_here(header: bytes | None) -> None:
    """A state without its parent says nothing."""
    trace = start(1.0)(header, b"rojo=1")
    assert trace is not None and trace.parent is None and trace.state == ""
    assert len(trace.trace_id) == 32 and int(trace.trace_id, 16)
    assert start(0.0)(header, None) is None


def test_traces_that_begin_here_are_sampled_by_the_id_that_they_get() -> None:
    begin, rule = start(0.5), SamplingRule(0.5)
    begun = [trace for _ in range(200) if (trace := begin(None, None)) is not None]
    assert 60 < len(begun) < 140
    assert all(rule.root(int(trace.trace_id[16:], 16)) for trace in begun)
    assert len({trace.trace_id for trace in begun} | {trace.span_id for trace in begun}) == 2 * len(begun)


def test_a_callers_decision_can_be_left_aside() -> None:
    assert start(0.0, follows_parent=False)(SAMPLED, None) is None
    assert start(1.0, follows_parent=False)(UNSAMPLED, None) is not None


@pytest.mark.parametrize("header", [None, UNSAMPLED])
def test_handing_on_needs_a_context_of_unsampled_requests_too(header: bytes | None) -> None:
    trace = start(0.0, hand_on=True)(header, None)
    assert trace is not None and trace.handed_on and not trace.sampled
