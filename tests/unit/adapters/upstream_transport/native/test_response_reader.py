"""Responses are read the same however they are split, and nothing ambiguous is read at all.

`TRANSPORT_EXAMPLES=10000 pytest tests/unit/adapters/upstream_transport/native/test_response_reader.py` looks
at more splits than the suite does.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_gateway.adapters.upstream_transport.native.response_reader import (
    MAX_CHUNK_OVERHEAD_BYTES,
    MAX_FIELDS,
    MAX_HEAD_BYTES,
    MAX_INTERIM_RESPONSES,
    ResponseReader,
)
from llm_gateway.domain.errors import UpstreamDisconnected, UpstreamMalformed

EXAMPLES = int(os.environ.get("TRANSPORT_EXAMPLES", "150"))

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"transfer-encoding: chunked\r\n\r\n"
EMPTY = OK + b"content-length: 0\r\n\r\n"


@dataclass
class Sink:
    """Collects what a reader says."""

    status: int = 0
    headers: Sequence[tuple[bytes, bytes]] = ()
    body: list[bytes] = field(default_factory=list)

    def on_head(self, status: int, headers: Sequence[tuple[bytes, bytes]]) -> None:
        assert self.status == 0
        self.status, self.headers = status, headers

    def on_body(self, data: bytes) -> None:
        assert data
        assert self.status
        self.body.append(data)


def read(*pieces: bytes, to_head: bool = False) -> tuple[Sink, ResponseReader]:
    sink = Sink()
    reader = ResponseReader(sink, to_head=to_head)
    for piece in pieces:
        assert not reader.complete
        reader.feed(piece)
    return sink, reader


@st.composite
def responses(draw: st.DrawFn) -> tuple[bytes, int, bytes, bool]:
    """A valid response as (wire, status, body, ends with the connection)."""
    status = draw(st.sampled_from([200, 201, 204, 304, 400, 429, 503, 599]))
    body = draw(st.binary(max_size=60)) if status not in (204, 304) else b""
    names = st.text("abcXYZ-", min_size=1, max_size=6).map(lambda name: f"x-{name}")
    fields = draw(st.lists(st.tuples(names, st.text('ab \t;="é', max_size=6)), max_size=3))
    kind = draw(st.sampled_from(["length", "chunked", "close"])) if status not in (204, 304) else "none"
    lines = "".join(f"{name}:{draw(st.sampled_from(['', ' ', '  ']))}{value}\r\n" for name, value in fields)
    wire = b"".join(
        draw(
            st.lists(
                st.sampled_from([b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 E\r\nlink: a\r\n\r\n"]),
                max_size=2,
            )
        )
    )
    wire += f"HTTP/1.1 {status} Reason\r\n{lines}".encode("latin-1")
    if kind == "length":
        wire += b"content-length: %d\r\n\r\n" % len(body) + body
    elif kind == "chunked":
        wire += b"transfer-encoding: chunked\r\n\r\n" + draw(chunked(body))
    else:
        wire += b"\r\n" + body
    return wire, status, body, kind == "close"


@st.composite
def chunked(draw: st.DrawFn, body: bytes) -> bytes:
    wire = b""
    while body:
        size = draw(st.integers(1, len(body)))
        extension = draw(st.sampled_from([b"", b";a", b";a=b", b';a="b c"']))
        wire += b"%b%x%b\r\n%b\r\n" % (
            draw(st.sampled_from([b"", b"0", b"000"])),
            size,
            extension,
            body[:size],
        )
        body = body[size:]
    return wire + b"0\r\n" + draw(st.sampled_from([b"", b"x-sum: 1\r\n", b"a:\r\nb: c\r\n"])) + b"\r\n"


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted({cut % (len(data) + 1) for cut in cuts}), len(data)]
    return [data[a:b] for a, b in pairwise(places) if a < b]


@settings(max_examples=EXAMPLES, deadline=None)
@given(response=responses(), cuts=st.lists(st.integers(0, 400), max_size=8))
def test_a_response_is_the_same_however_it_is_split(response: tuple, cuts: list[int]) -> None:
    """Status, body and end do not depend on where the network cut."""
    wire, status, body, until_close = response
    sink, reader = read(*split(wire, cuts))
    if until_close:
        assert not reader.complete
        reader.feed_eof()
    assert (sink.status, b"".join(sink.body)) == (status, body)
    assert reader.complete
    assert reader.reusable is not until_close


def test_the_chunks_of_one_read_are_one_piece() -> None:
    """So that several events that came together go on together."""
    sink, reader = read(CHUNKED, b"1\r\na\r\n2\r\nbc\r\n3\r\nd", b"ef\r\n", b"0\r\n\r\n")
    assert sink.body == [b"abcd", b"ef"] and reader.reusable


def test_what_came_before_a_fault_is_delivered() -> None:
    """In the same read, too."""
    sink = Sink()
    reader = ResponseReader(sink)
    reader.feed(CHUNKED)
    with pytest.raises(UpstreamMalformed):
        reader.feed(b"1\r\na\r\nnot a size\r\n")
    assert sink.body == [b"a"]


@settings(max_examples=EXAMPLES, deadline=None)
@given(response=responses(), surplus=st.binary(min_size=1, max_size=20), cut=st.integers(0, 400))
def test_a_surplus_byte_is_always_noticed(response: tuple, surplus: bytes, cut: int) -> None:
    """Bytes after the end in the same read spoil the connection, whatever they are, and are not delivered."""
    wire, status, body, until_close = response
    if until_close:
        return
    *first, last = split(wire, [cut])
    sink, reader = read(*first, last + surplus)
    assert (sink.status, b"".join(sink.body)) == (status, body)
    assert reader.complete
    assert not reader.reusable


@settings(max_examples=EXAMPLES, deadline=None)
@given(response=responses(), data=st.data())
def test_a_response_that_stops_early_is_never_complete(response: tuple, data: st.DataObject) -> None:
    """A cut anywhere before the end is UpstreamDisconnected; only an until-close body may end there."""
    wire, status, _, until_close = response
    cut = data.draw(st.integers(0, len(wire) - 1))
    sink, reader = read(*([wire[:cut]] if cut else []))
    assert not reader.complete
    if until_close and sink.status == status:
        return
    with pytest.raises(UpstreamDisconnected):
        reader.feed_eof()


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    noise=st.lists(st.binary(min_size=1, max_size=80), max_size=4), begin=st.sampled_from([b"", OK, CHUNKED])
)
def test_noise_is_malformed_or_waits_for_more(noise: list[bytes], begin: bytes) -> None:
    """No input makes the reader raise anything but UpstreamMalformed."""
    reader = ResponseReader(Sink())
    try:
        for piece in [begin, *noise] if begin else noise:
            if not reader.complete:
                reader.feed(piece)
    except UpstreamMalformed:
        pass


MALFORMED = {
    "empty line first": b"\r\n" + EMPTY,
    "not http": b"hello\r\n\r\n",
    "not http and no end": b"hello",
    "another protocol": b"RTSP/1.0 200 OK\r\n\r\n",
    "icecast": b"ICE/1.0 200 OK\r\n\r\n",
    "http/0.9": b"HTTP/0.9 200 OK\r\n\r\n",
    "http/2": b"HTTP/2.0 200 OK\r\n\r\n",
    "http/1.2": b"HTTP/1.2 200 OK\r\n\r\n",
    "lower case": b"http/1.1 200 OK\r\n\r\n",
    "two digits": b"HTTP/1.1 20 OK\r\n\r\n",
    "four digits": b"HTTP/1.1 2000 OK\r\n\r\n",
    "status 099": b"HTTP/1.1 099 No\r\ncontent-length: 0\r\n\r\n",
    "status 600": b"HTTP/1.1 600 No\r\ncontent-length: 0\r\n\r\n",
    "switching protocols": b"HTTP/1.1 101 Yes\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n",
    "bare line feeds": b"HTTP/1.1 200 OK\ncontent-length: 0\n\n\r\n\r\n",
    "one bare line feed": OK + b"x: y\ncontent-length: 0\r\n\r\n",
    "bare carriage return": OK + b"x: a\rb\r\n\r\n",
    "nul in a value": OK + b"x: a\0b\r\n\r\n",
    "folded line": OK + b"x: a\r\n b\r\n\r\n",
    "space before the colon": OK + b"content-length : 0\r\n\r\n",
    "no colon": OK + b"xxxx\r\n\r\n",
    "no name": OK + b": x\r\n\r\n",
    "length twice": OK + b"content-length: 3\r\ncontent-length: 3\r\n\r\nabc",
    "two lengths": OK + b"content-length: 3\r\ncontent-length: 4\r\n\r\nabc",
    "length list": OK + b"content-length: 3, 3\r\n\r\nabc",
    "signed length": OK + b"content-length: +3\r\n\r\nabc",
    "negative length": OK + b"content-length: -3\r\n\r\nabc",
    "hexadecimal length": OK + b"content-length: 0x3\r\n\r\nabc",
    "empty length": OK + b"content-length: \r\n\r\n",
    "length beyond 64 bits": OK + b"content-length: 99999999999999999999\r\n\r\n",
    "length and coding": OK + b"content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n",
    "coding and length": OK + b"transfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n",
    "unknown coding": OK + b"transfer-encoding: xchunked\r\n\r\n",
    "two codings": OK + b"transfer-encoding: gzip, chunked\r\n\r\n",
    "coding in http/1.0": b"HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
    "chunk size with space": CHUNKED + b"3 \r\nabc\r\n",
    "chunk size with prefix": CHUNKED + b"0x3\r\nabc\r\n",
    "negative chunk size": CHUNKED + b"-3\r\nabc\r\n",
    "empty chunk size": CHUNKED + b"\r\nabc\r\n",
    "chunk size beyond 64 bits": CHUNKED + b"fffffffffffffffff\r\n",
    "chunk size ends in a line feed": CHUNKED + b"3\nabc\r\n",
    "extension ends in a line feed": CHUNKED + b"3;a\nabc\r\n",
    "chunk longer than its size": CHUNKED + b"3\r\nabcd\r\n",
    "chunk shorter than its size": CHUNKED + b"3\r\nab\r\n0\r\n\r\n",
    "length as a trailer": CHUNKED + b"0\r\ncontent-length: 5\r\n\r\n",
    "coding as a trailer": CHUNKED + b"0\r\ntransfer-encoding: chunked\r\n\r\n",
    "connection as a trailer": CHUNKED + b"0\r\nconnection: keep-alive\r\n\r\n",
}


@pytest.mark.parametrize("wire", MALFORMED.values(), ids=MALFORMED.keys())
@pytest.mark.parametrize("in_one_piece", [True, False])
def test_hostile_answers_are_malformed(wire: bytes, in_one_piece: bool) -> None:
    """Refused in one read and byte by byte alike."""
    reader = ResponseReader(Sink())
    with pytest.raises(UpstreamMalformed):
        for piece in [wire] if in_one_piece else split(wire, list(range(len(wire)))):
            reader.feed(piece)


@pytest.mark.parametrize(
    "wire",
    [
        OK + b"x: " + b"a" * MAX_HEAD_BYTES,
        OK + b"x: " + b"a" * MAX_HEAD_BYTES + b"\r\n\r\n",
        OK + b"a:\r\n" * (MAX_FIELDS + 1) + b"\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * (MAX_INTERIM_RESPONSES + 1),
    ],
    ids=["no end", "too long", "too many fields", "too many interim responses"],
)
def test_heads_are_bounded(wire: bytes) -> None:
    """A peer cannot make us keep or parse a head without end."""
    reader = ResponseReader(Sink())
    with pytest.raises(UpstreamMalformed):
        for piece in split(wire, list(range(0, len(wire), 4096))):
            reader.feed(piece)


def test_chunk_extensions_are_bounded() -> None:
    """One byte of body in a chunk with a long extension, again and again, is refused."""
    _, reader = read(CHUNKED)
    with pytest.raises(UpstreamMalformed):
        for _ in range(MAX_CHUNK_OVERHEAD_BYTES):
            reader.feed(b"1;" + b"x" * 100 + b"\r\na\r\n")


def test_small_chunks_are_not_overhead() -> None:
    """A stream of one-byte chunks is wasteful, not hostile."""
    sink, reader = read(CHUNKED, *[b"1\r\na\r\n"] * 20_000)
    assert len(b"".join(sink.body)) == 20_000
    assert not reader.complete


def test_a_whole_response_after_chunks_is_a_surplus() -> None:
    """Even one that ends as chunked bodies end."""
    sink, reader = read(CHUNKED + b"1\r\na\r\n0\r\n\r\n" + OK + b"\r\n")
    assert sink.body == [b"a"]
    assert reader.complete
    assert not reader.reusable


def test_an_answer_to_head_ends_with_its_head() -> None:
    """Its length is that of the body that a GET would have had."""
    sink, reader = read(OK + b"content-length: 5\r\n\r\n", to_head=True)
    assert sink.headers == [(b"content-length", b"5")]
    assert reader.reusable


def test_a_body_after_an_answer_to_head_is_a_surplus() -> None:
    """A server that sends one anyway gets no second request on that connection."""
    _, reader = read(OK + b"content-length: 5\r\n\r\nhello", to_head=True)
    assert reader.complete
    assert not reader.reusable


def test_an_offer_to_upgrade_changes_nothing() -> None:
    """Apache offers h2c on ordinary answers."""
    sink, reader = read(OK + b"connection: upgrade\r\nupgrade: h2c\r\ncontent-length: 2\r\n\r\nhi")
    assert sink.body == [b"hi"]
    assert reader.reusable


def test_a_counted_body_is_not_copied() -> None:
    """What the socket read is what the sink gets, the same object."""
    piece = b"x" * 10
    sink, _ = read(OK + b"content-length: 20\r\n\r\n", piece)
    assert sink.body[0] is piece


def test_a_failing_sink_is_not_taken_for_a_failing_upstream() -> None:
    """What a sink raises out of a chunked body comes through as it is."""

    class Broken(Sink):
        def on_body(self, data: bytes) -> None:
            raise KeyError("sink")

    reader = ResponseReader(Broken())
    with pytest.raises(KeyError):
        reader.feed(CHUNKED + b"1\r\na\r\n")
