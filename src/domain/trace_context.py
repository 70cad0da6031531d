"""TraceContext: a request's place in a distributed trace, as W3C Trace Context carries it between services.

Format: https://www.w3.org/TR/trace-context/ (`traceparent`, `tracestate`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TRACEPARENT = re.compile(rb"([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?", re.DOTALL)
_NO_TRACE = b"0" * 32
_NO_SPAN = b"0" * 16
_SAMPLED = 1
_STATE_KEY = r"(?:[a-z][_\da-z*/-]{0,255}|[a-z\d][_\da-z*/-]{0,240}@[a-z][_\da-z*/-]{0,13})"
_STATE_VALUE = r"[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]"
_STATE_MEMBER = re.compile(f"({_STATE_KEY})={_STATE_VALUE}")
_MOST_STATE_BYTES = 512
_MOST_STATE_MEMBERS = 32
_SPAN_IDS = 1 << 64
# Odd, so that the first 2^64 multiples differ; Weyl's increment of SplitMix64 (Steele, Lea, Flood 2014).
_SPAN_STEP = 0x9E37_79B9_7F4A_7C15


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteParent:
    """The caller's span: 32 and 16 lower-case hex digits, neither all zero."""

    trace_id: str
    span_id: str
    sampled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceContext:
    """One request in its trace. `trace_id` is 32 hex digits, `span_id` the number of the request's own span,
    `parent` the caller's span (None: the trace begins here), `state` a valid `tracestate` or empty.

    `sampled`: spans are wanted. `handed_on`: upstreams are told of the trace.
    """

    trace_id: str
    span_id: int
    parent: RemoteParent | None = None
    state: str = ""
    sampled: bool = True
    handed_on: bool = False

    def attempt_span_id(self, number: int) -> int:
        """The span of the request's attempt of that number, from 1: known before the attempt is made, and
        again when its span is built."""
        return (self.span_id + number * _SPAN_STEP) % _SPAN_IDS or 1

    def headers(self, number: int) -> tuple[tuple[str, str], ...]:
        """What the upstream of that attempt is told."""
        if not self.handed_on:
            return ()
        parent = f"00-{self.trace_id}-{self.attempt_span_id(number):016x}-{self.sampled:02x}"
        told = (("traceparent", parent),)
        return (*told, ("tracestate", self.state)) if self.state else told


def parse_traceparent(value: bytes) -> RemoteParent | None:
    """None for a value that is to be treated as absent: another shape, upper case, version `ff`, an id of
    zeros, or more fields than version `00` has. Later versions may have more; only the known are read."""
    match = _TRACEPARENT.fullmatch(value)
    if match is None:
        return None
    version, trace_id, span_id, flags, more = match.groups()
    if version == b"ff" or trace_id == _NO_TRACE or span_id == _NO_SPAN:
        return None
    if version == b"00" and more is not None:
        return None
    return RemoteParent(
        trace_id=trace_id.decode(), span_id=span_id.decode(), sampled=bool(int(flags, 16) & _SAMPLED)
    )


def parse_tracestate(value: bytes) -> str:
    """Its members, separated by single commas; empty when one of them is not valid or they are too many."""
    if len(value) > _MOST_STATE_BYTES or not value.isascii():
        return ""
    members = [member for part in value.decode().split(",") if (member := part.strip(" \t"))]
    matches = [_STATE_MEMBER.fullmatch(member) for member in members]
    keys = {match[1] for match in matches if match is not None}
    if len(keys) != len(members) or len(members) > _MOST_STATE_MEMBERS:
        return ""
    return ",".join(members)
