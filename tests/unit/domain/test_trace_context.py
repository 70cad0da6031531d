"""W3C trace context, in and out."""

from __future__ import annotations

import pytest
from opentelemetry.trace import TraceState

from llm_gateway.domain.trace_context import RemoteParent, TraceContext, parse_traceparent, parse_tracestate

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"
CONTEXT = TraceContext(trace_id=TRACE, span_id=0xFEDC_BA98_7654_3210, handed_on=True)


@pytest.mark.parametrize(("flags", "sampled"), [("00", False), ("01", True), ("03", True), ("02", False)])
def test_the_caller_and_its_decision_are_read(flags: str, sampled: bool) -> None:
    """Only the lowest flag is the decision."""
    parent = parse_traceparent(f"00-{TRACE}-{SPAN}-{flags}".encode())
    assert parent == RemoteParent(trace_id=TRACE, span_id=SPAN, sampled=sampled)


@pytest.mark.parametrize("more", ["", "-", "-what-the-future-is-like"])
def test_a_later_version_is_read_as_far_as_it_is_known(more: str) -> None:
    assert parse_traceparent(f"cc-{TRACE}-{SPAN}-01{more}".encode()) is not None


@pytest.mark.parametrize(
    "value",
    [
        "",
        "garbage",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE[1:]}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-1",
        f"00-{TRACE}-{SPAN}-0x",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE}-{SPAN}-01-",
        f"cc-{TRACE}-{SPAN}-01more",
        f"0-{TRACE}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01,00-{TRACE}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01\n",
    ],
)
def test_what_is_not_valid_counts_as_absent(value: str) -> None:
    assert parse_traceparent(value.encode()) is None


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"),
        (" rojo=1 ,, congo=2\t", "rojo=1,congo=2"),
        ("tenant1@vendor=x", "tenant1@vendor=x"),
        ("", ""),
        ("a=1,a=2", ""),
        ("a=1,B=2", ""),
        ("a", ""),
        ("a=é", ""),
        ("a=" + "x" * 511, ""),
        (",".join(f"a{number}=1" for number in range(33)), ""),
    ],
)
def test_a_state_is_kept_whole_or_not_at_all(value: str, kept: str) -> None:
    assert parse_tracestate(value.encode()) == kept


def test_a_kept_state_is_one_that_the_sdk_takes_too() -> None:
    """It warns of what it does not, with the client's text in its log."""
    kept = parse_tracestate(b"rojo=1,tenant1@vendor=x y,a-b_c/d*e=~!")
    assert TraceState.from_header([kept]).to_header() == kept


def test_attempts_have_spans_of_their_own_that_are_known_beforehand() -> None:
    ids = [CONTEXT.span_id, *(CONTEXT.attempt_span_id(number) for number in range(1, 6))]
    assert len(set(ids)) == 6 and all(0 < number < 1 << 64 for number in ids)
    assert CONTEXT.attempt_span_id(3) == CONTEXT.attempt_span_id(3)


def test_the_upstream_is_told_of_the_attempts_span() -> None:
    ((name, value),) = CONTEXT.headers(2)
    parent = parse_traceparent(value.encode())
    assert name == "traceparent"
    assert parent == RemoteParent(trace_id=TRACE, span_id=f"{CONTEXT.attempt_span_id(2):016x}", sampled=True)


def test_the_state_and_an_unsampled_flag_travel_too() -> None:
    context = TraceContext(trace_id=TRACE, span_id=1, state="rojo=1", sampled=False, handed_on=True)
    (_, parent), state = context.headers(1)
    assert parent.endswith("-00") and state == ("tracestate", "rojo=1")


def test_nobody_is_told_of_a_trace_that_is_not_handed_on() -> None:
    assert TraceContext(trace_id=TRACE, span_id=1).headers(1) == ()
