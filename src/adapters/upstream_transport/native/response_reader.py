"""ResponseReader: the bytes of one response in, its head and body out; knows nothing of sockets.

A fresh one reads each exchange, so that no parser state survives from one response to the next. Heads and
chunked bodies are parsed by llhttp in its strict mode; a body of known length is only counted, which costs
no copy and shows a surplus byte exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from httptools import HttpParserCallbackError, HttpParserError, HttpParserUpgrade, HttpResponseParser

from llm_gateway.adapters.upstream_transport.native.framing import (
    FRAMING_FIELDS,
    BodyKind,
    Framing,
    framing_of,
)
from llm_gateway.domain.errors import UpstreamDisconnected, UpstreamMalformed

MAX_HEAD_BYTES = 64 * 1024
MAX_FIELDS = 256
MAX_INTERIM_RESPONSES = 16
# Bytes of chunked framing (sizes, extensions, trailers) beyond a fair share a chunk. Without a bound a peer
# makes us read without end and deliver nothing (CVE-2023-39326; Go's net/http uses the same figures).
MAX_CHUNK_OVERHEAD_BYTES = 16 * 1024
_FAIR_CHUNK_OVERHEAD_BYTES = 16

_STATUS_LINE_STARTS = (b"HTTP/1.1 ", b"HTTP/1.0 ")


class ResponseSink(Protocol):
    """Receives what was read, in order, synchronously: at most one piece of the body for each `feed`."""

    def on_head(self, status: int, headers: Sequence[tuple[bytes, bytes]]) -> None: ...

    def on_body(self, data: bytes) -> None: ...


class ResponseReader:
    """`complete` turns True when the response has ended. `reusable` is then True only if the connection may
    carry another one: no surplus byte, no wish to close, framing that says where the end is."""

    __slots__ = (
        "_chunks",
        "_ended",
        "_fields",
        "_framing_fields",
        "_head_ended",
        "_interim",
        "_overhead",
        "_parser",
        "_partial",
        "_parts",
        "_remaining",
        "_sink",
        "_surplus",
        "_tail",
        "_to_head",
        "complete",
        "framing",
    )

    def __init__(self, sink: ResponseSink, *, to_head: bool = False) -> None:
        self._sink = sink
        self._to_head = to_head
        self._partial: bytearray | None = None
        self._interim = 0
        self._surplus = False
        self.framing: Framing | None = None
        self.complete = False

    @property
    def reusable(self) -> bool:
        return self.complete and not self._surplus and self.framing is not None and self.framing.reusable

    def feed(self, data: bytes) -> None:
        """Raises UpstreamMalformed; after that, feed no more. Nothing may be fed once `complete`."""
        framing = self.framing
        if framing is None:
            self._feed_head(data)
        elif framing.kind is BodyKind.CHUNKED:
            self._feed_chunked(data)
        elif framing.kind is BodyKind.LENGTH:
            self._feed_counted(data)
        else:
            self._sink.on_body(data)

    def feed_eof(self) -> None:
        """The peer has ended its side. Raises UpstreamDisconnected unless that is how this body ends."""
        if self.framing is None:
            raise UpstreamDisconnected("the upstream closed the connection before it answered")
        if self.framing.kind is not BodyKind.UNTIL_CLOSE:
            raise UpstreamDisconnected("the upstream closed the connection before the body ended")
        self.complete = True

    # Head

    def _feed_head(self, data: bytes) -> None:
        if self._partial is not None:
            self._partial += data
            searched = max(0, len(self._partial) - len(data) - 3)
            if self._partial.find(b"\r\n\r\n", searched) < 0:
                return self._check_partial(self._partial)
            data, self._partial = bytes(self._partial), None
        while self.framing is None:
            end = data.find(b"\r\n\r\n") + 4
            if end == 3:
                self._partial = bytearray(data)
                return self._check_partial(data)
            if end > MAX_HEAD_BYTES:
                raise UpstreamMalformed("the upstream's response head is too long")
            self._read_head(data[:end])
            data = data[end:]
        return self._begin_body(data)

    def _check_partial(self, data: bytes | bytearray) -> None:
        if len(data) > MAX_HEAD_BYTES:
            raise UpstreamMalformed("the upstream's response head is too long")
        start = bytes(data[:9])
        if not any(line.startswith(start) for line in _STATUS_LINE_STARTS):
            raise UpstreamMalformed("the upstream's answer is not HTTP/1.x")

    def _read_head(self, head: bytes) -> None:
        # llhttp takes RTSP, ICE, HTTP/0.9, HTTP/2.0 and leading empty lines for a status line as well.
        if not head.startswith(_STATUS_LINE_STARTS):
            raise UpstreamMalformed("the upstream's answer is not HTTP/1.x")
        self._fields: list[tuple[bytes, bytes]] = []
        self._framing_fields: list[tuple[bytes, bytes]] = []
        self._head_ended = False
        self._parser = HttpResponseParser(self)
        self._parse(head)
        if not self._head_ended:
            raise UpstreamMalformed("the upstream's response head is broken")
        status = self._parser.get_status_code()
        if 200 <= status <= 599:
            self.framing = framing_of(status, head[5:8], self._framing_fields, to_head=self._to_head)
            self._sink.on_head(status, self._fields)
        elif not 100 <= status <= 199 or status == 101:
            raise UpstreamMalformed("the upstream answers with a status that was not asked for")
        else:
            self._interim += 1
            if self._interim > MAX_INTERIM_RESPONSES:
                raise UpstreamMalformed("the upstream sends interim responses without end")

    def _begin_body(self, data: bytes) -> None:
        framing = self.framing
        assert framing is not None
        if framing.kind is BodyKind.NONE:
            self._surplus = bool(data)
            self.complete = True
        elif framing.kind is BodyKind.LENGTH:
            self._remaining = framing.length
        elif framing.kind is BodyKind.CHUNKED:
            self._ended = False
            self._chunks = self._overhead = 0
            self._parts: list[bytes] = []
            self._tail = b""
        if data and not self.complete:
            self.feed(data)

    # Body

    def _feed_counted(self, data: bytes) -> None:
        size = len(data)
        if size < self._remaining:
            self._remaining -= size
            return self._sink.on_body(data)
        if size > self._remaining:
            self._surplus = True
            data = data[: self._remaining]
        self.complete = True
        return self._sink.on_body(data)

    def _feed_chunked(self, data: bytes) -> None:
        self._chunks = 0
        try:
            self._parse(data)
        finally:  # what came before a fault had arrived
            delivered = self._deliver()
        size = len(data)
        # The end is an empty line after a line that is not empty; one more CRLF is a surplus that llhttp
        # would skip without a word.
        self._tail = tail = data[-5:] if size >= 5 else (self._tail + data)[-5:]
        if self._ended:
            if not tail.endswith(b"\r\n\r\n") or tail.startswith(b"\n"):
                self._surplus = True
            self.complete = True
            return
        overhead = self._overhead + size - delivered - _FAIR_CHUNK_OVERHEAD_BYTES * self._chunks
        self._overhead = overhead if overhead > 0 else 0
        if overhead > MAX_CHUNK_OVERHEAD_BYTES:
            raise UpstreamMalformed("the upstream's chunk extensions or trailers are too long")

    def _deliver(self) -> int:
        """The chunks of one read go on in one piece; its size."""
        parts = self._parts
        if not parts:
            return 0
        body = parts[0] if len(parts) == 1 else b"".join(parts)
        parts.clear()
        self._sink.on_body(body)
        return len(body)

    def _parse(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as exc:
            if self.framing is not None and self._ended:
                self._surplus = True  # the body had ended well; what came after it was nonsense
                return
            if isinstance(exc, HttpParserCallbackError) and isinstance(exc.__context__, Exception):
                raise exc.__context__ from None
            raise UpstreamMalformed(f"the upstream's answer is not valid HTTP: {exc}") from exc

    # Called by llhttp

    def on_message_begin(self) -> None:
        if self.framing is not None:
            self._surplus = True

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if self._head_ended:
            if name in FRAMING_FIELDS:
                raise UpstreamMalformed("the upstream's trailers try to change the framing")
            return
        value = value.rstrip(b" \t")
        self._fields.append((name, value))
        if name in FRAMING_FIELDS:
            self._framing_fields.append((name, value))
        elif len(self._fields) > MAX_FIELDS:
            raise UpstreamMalformed("the upstream sends too many header fields")

    def on_headers_complete(self) -> None:
        self._head_ended = True

    def on_chunk_header(self) -> None:
        self._chunks += 1

    def on_body(self, data: bytes) -> None:
        if self.framing is None or self._surplus:
            raise UpstreamMalformed("the upstream's response head is broken")
        self._parts.append(data)

    def on_message_complete(self) -> None:
        if self.framing is not None:
            self._ended = True
