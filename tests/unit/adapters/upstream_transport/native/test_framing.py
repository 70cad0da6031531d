"""How a body ends, from its head alone."""

from __future__ import annotations

import pytest

from llm_gateway.adapters.upstream_transport.native.framing import BodyKind, framing_of
from llm_gateway.domain.errors import UpstreamMalformed

CHUNKED = (b"transfer-encoding", b"chunked")
CLOSE = (b"connection", b"close")


def length(value: bytes) -> tuple[bytes, bytes]:
    return (b"content-length", value)


@pytest.mark.parametrize(
    ("status", "fields", "kind", "reusable"),
    [
        (200, [CHUNKED], BodyKind.CHUNKED, True),
        (200, [CHUNKED, CLOSE], BodyKind.CHUNKED, False),
        (200, [(b"transfer-encoding", b"Chunked")], BodyKind.CHUNKED, True),
        (200, [length(b"5")], BodyKind.LENGTH, True),
        (200, [length(b"0")], BodyKind.NONE, True),
        (200, [length(b"5"), (b"connection", b"x, Close")], BodyKind.LENGTH, False),
        (200, [length(b"5"), (b"connection", b"keep-alive")], BodyKind.LENGTH, True),
        (200, [], BodyKind.UNTIL_CLOSE, False),
        (204, [], BodyKind.NONE, True),
        (204, [length(b"5")], BodyKind.NONE, True),
        (304, [CHUNKED], BodyKind.NONE, True),
    ],
)
def test_a_response_of_http_1_1(status: int, fields: list, kind: BodyKind, reusable: bool) -> None:
    """RFC 9112 §6.3, in its order."""
    framing = framing_of(status, b"1.1", fields, to_head=False)
    assert (framing.kind, framing.reusable) == (kind, reusable)


@pytest.mark.parametrize("fields", [[CHUNKED], [length(b"5")], []])
def test_an_answer_to_head_has_no_body(fields: list) -> None:
    """Whatever its head promises."""
    assert framing_of(200, b"1.1", fields, to_head=True).kind is BodyKind.NONE


def test_http_1_0_is_never_used_again() -> None:
    """Keep-alive was an extension there, and its framing is not to be trusted."""
    fields = [length(b"5"), (b"connection", b"keep-alive")]
    assert not framing_of(200, b"1.0", fields, to_head=False).reusable


@pytest.mark.parametrize(
    ("version", "fields"),
    [
        (b"1.1", [CHUNKED, length(b"5")]),
        (b"1.1", [length(b"5"), length(b"5")]),
        (b"1.1", [length(b"5, 5")]),
        (b"1.1", [length(b"+5")]),
        (b"1.1", [length(b"0x5")]),
        (b"1.1", [length(b"")]),
        (b"1.1", [length(b"9" * 19)]),
        (b"1.1", [CHUNKED, CHUNKED]),
        (b"1.1", [(b"transfer-encoding", b"gzip, chunked")]),
        (b"1.1", [(b"transfer-encoding", b"identity")]),
        (b"1.1", [(b"transfer-encoding", b"")]),
        (b"1.0", [CHUNKED]),
    ],
)
def test_ambiguous_framing_is_refused(version: bytes, fields: list) -> None:
    """What two readers could understand differently is understood by none here."""
    with pytest.raises(UpstreamMalformed):
        framing_of(200, version, fields, to_head=False)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(b"timeout=5", 5.0), (b"max=3, Timeout = 72", 72.0), (b"max=3", None), (b"xtimeout=5", None)],
)
def test_the_peer_may_say_how_long_it_keeps_a_connection(value: bytes, seconds: float | None) -> None:
    """Node's servers close after five idle seconds, and say so."""
    fields = [length(b"1"), (b"keep-alive", value)]
    assert framing_of(200, b"1.1", fields, to_head=False).idle_seconds == seconds
