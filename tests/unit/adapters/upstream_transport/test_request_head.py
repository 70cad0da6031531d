"""A request head says what was asked, and nothing that was smuggled in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_gateway.adapters.upstream_transport.origin import parse_origin
from llm_gateway.adapters.upstream_transport.request_head import request_head
from llm_gateway.application.ports.upstream_transport import UpstreamRequest
from llm_gateway.domain.errors import InvalidRequest

ORIGIN = parse_origin("http://h:1")


def head(*headers: tuple[bytes, bytes], method: str = "POST", target: str = "/x", body: bytes = b"") -> bytes:
    request = UpstreamRequest(method=method, origin="", target=target, headers=headers, body=body)
    return request_head(request, ORIGIN)


def test_the_head_of_a_post() -> None:
    """Names go out in lower case; the length is always said."""
    assert head((b"X-A", b"1"), body=b"abc") == (
        b"POST /x HTTP/1.1\r\nhost: h:1\r\nx-a: 1\r\naccept-encoding: identity\r\ncontent-length: 3\r\n\r\n"
    )


def test_the_head_of_a_get_has_no_length() -> None:
    """Without a body, a method that needs none says nothing of its length."""
    assert head(method="GET") == b"GET /x HTTP/1.1\r\nhost: h:1\r\naccept-encoding: identity\r\n\r\n"


def test_an_encoding_that_was_asked_for_stands_alone() -> None:
    """`identity` is only the default."""
    assert b"identity" not in head((b"Accept-Encoding", b"gzip"))


@pytest.mark.parametrize(
    "name", ["Host", "content-length", "Transfer-Encoding", "connection", "Upgrade", "expect"]
)
def test_fields_of_the_transport_are_refused(name: str) -> None:
    """Two opinions on the framing are how requests are smuggled."""
    with pytest.raises(InvalidRequest):
        head((name.encode(), b"x"))


@pytest.mark.parametrize("name", [b"", b"a b", b"a:b", b"a\r\nb", b"a\0", "ä".encode()])
def test_a_name_must_be_a_token(name: bytes) -> None:
    """RFC 9110 §5.6.2."""
    with pytest.raises(InvalidRequest):
        head((name, b"x"))


@pytest.mark.parametrize("target", ["", "x", "http://h/", "/a b", "/a\r\nb", "/a\0", "/ä", "/a\n", "/a#b"])
def test_a_target_must_be_printable_ascii_from_a_slash(target: str) -> None:
    """Anything else could end the request line or choose another host."""
    with pytest.raises(InvalidRequest):
        head(target=target)


@pytest.mark.parametrize("method", ["", "GET /", "G\r\nX", "GÉT"])
def test_a_method_must_be_a_token(method: str) -> None:
    """RFC 9110 §9.1."""
    with pytest.raises(InvalidRequest):
        head(method=method)


@given(value=st.binary(max_size=20), other=st.binary(max_size=20), body=st.binary(max_size=3))
def test_a_head_has_the_lines_it_should_or_is_refused(value: bytes, other: bytes, body: bytes) -> None:
    """Whatever the values hold, no line is added, ended or merged."""
    bad = any((byte < 32 and byte != 9) or byte == 127 for byte in value + other)
    try:
        lines = head((b"a", value), (b"b", other), body=body).split(b"\r\n")
    except InvalidRequest:
        assert bad
    else:
        assert not bad
        assert lines[2:4] == [b"a: " + value, b"b: " + other]
        assert len(lines) == 8
