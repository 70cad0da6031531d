"""Headers of an inference request."""

from __future__ import annotations

import pytest

from llm_gateway.domain.errors import InvalidRequest, UnsupportedEncoding
from llm_gateway.entrypoints.http.inference.request_headers import RequestHeaders

TRACE = b"4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize("name", [b"authorization", b"content-length", b"host", b"x-api-key"])
def test_a_critical_header_that_comes_twice_is_refused(name: bytes) -> None:
    with pytest.raises(InvalidRequest) as caught:
        RequestHeaders([(name, b"1"), (name, b"2")])
    assert caught.value.code == "duplicate_header"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([(b"x-request-id", b"abc-1")], "abc-1"),
        ([(b"x-correlation-id", b"c")], "c"),
        ([(b"x-request-id", b"r"), (b"x-correlation-id", b"c")], "r"),
        ([(b"x-request-id", b"with space")], None),
        ([(b"x-request-id", b"a" * 129)], None),
        ([(b"x-request-id", b"\xff")], None),
        ([], None),
    ],
)
def test_a_request_id_is_taken_over_only_when_it_is_safe_to_echo(
    headers: list[tuple[bytes, bytes]], expected: str | None
) -> None:
    assert RequestHeaders(headers).request_id() == expected


def test_the_trace_id_of_a_valid_traceparent() -> None:
    good = RequestHeaders([(b"traceparent", b"00-" + TRACE + b"-00f067aa0ba902b7-01")])
    bad = RequestHeaders([(b"traceparent", b"00-xyz-1-01")])
    assert (good.trace_id(), bad.trace_id()) == (TRACE.decode(), None)


@pytest.mark.parametrize(("value", "retries"), [(b"2", 2), (b"-1", 0), (b"x", 0), (b"99999", 0)])
def test_the_clients_own_retries(value: bytes, retries: int) -> None:
    assert RequestHeaders([(b"x-stainless-retry-count", value)]).client_retries() == retries


@pytest.mark.parametrize("encoding", [b"gzip", b"GZIP", b"identity, br", b"x"])
def test_a_compressed_body_is_refused(encoding: bytes) -> None:
    """Also in other spellings; `identity` is none."""
    with pytest.raises(UnsupportedEncoding):
        RequestHeaders([(b"content-encoding", encoding), (b"content-length", b"5")]).content_length()
    plain = RequestHeaders([(b"content-encoding", b"Identity"), (b"content-length", b"5")])
    assert plain.content_length() == 5


def test_several_callers_are_none() -> None:
    """W3C Trace Context, 3.2: parsing must fail when there is more than one `traceparent`."""
    twice = [(b"traceparent", b"00-" + TRACE + b"-00f067aa0ba902b7-01")] * 2
    assert RequestHeaders(twice).trace_id() is None


def test_a_state_in_several_headers_is_one_list() -> None:
    headers = RequestHeaders([(b"tracestate", b"a=1"), (b"x", b"1"), (b"x", b"2"), (b"tracestate", b"b=2")])
    assert (headers.get(b"tracestate"), headers.get(b"x")) == (b"a=1,b=2", b"2")
