"""GatewayProtocol: uvicorn's HTTP/1.1 protocol with limits, strict framing, and word of a client that leaves.

Plain ASGI can only tell a departure to who waits in `receive()`, which would cost a task per request. `scope`
carries this object under `extensions["llm_gateway.connection"]`; without it (another server) the inference
plane falls back to such a task.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from llm_gateway.domain.errors import InvalidRequest
from llm_gateway.entrypoints.http.error_body import error_body

EXTENSION = "llm_gateway.connection"
LONGEST_URL = 8 * 1024
LARGEST_HEAD = 64 * 1024
MOST_HEADERS = 128

# RFC 3986 §3.2.2 and §3.2.3; what is missing is "@" above all: a host has no user.
_OF_A_HOST = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%:[]!$&'()*+,;="
_REASONS = {
    400: b"Bad Request",
    408: b"Request Timeout",
    414: b"URI Too Long",
    431: b"Request Header Fields Too Large",
    501: b"Not Implemented",
    505: b"HTTP Version Not Supported",
}
_LOOKED_AT = frozenset({b"host", b"transfer-encoding", b"expect"})
_NOT_HTTP = (400, InvalidRequest("the bytes received are no HTTP/1.1 request", code="invalid_http"))


class Refused(Exception):
    """Raised inside a parser callback: the request is answered with `refusal` and the connection closed."""


class GatewayProtocol(HttpToolsProtocol):
    """llhttp already refuses conflicting lengths, obs-fold, bare LF, blanks before a colon and control
    characters; what it lets through and a proxy must not is refused here.

    `stage` is what of a request is still to come, `waiting_since` the loop time since when it is waited for
    (None while it is our turn) and `begun_at` when the request began; `untaken` is how many bytes the client
    had not taken when last looked at, and `untaken_since` since when (None while it keeps up); see
    slow_clients.py.
    """

    on_gone: Callable[[], object] | None = None
    stage: Literal["silent", "head", "body"] = "silent"
    waiting_since: float | None = None
    begun_at = 0.0
    untaken = 0
    untaken_since: float | None = None
    _head_bytes = 0
    _hosts = 0
    _refusal = _NOT_HTTP

    @override
    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.waiting_since = self.loop.time()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.waiting_since = None
        on_gone, self.on_gone = self.on_gone, None
        if on_gone is not None:
            on_gone()

    @override
    def data_received(self, data: bytes) -> None:
        super().data_received(_without_upgrade(data) if self.stage != "body" else data)

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_bytes = self._hosts = 0
        self.stage = "head"
        self.waiting_since = self.begun_at = self.loop.time()
        scope: dict[str, Any] = self.scope  # type: ignore[assignment]
        scope["extensions"] = {EXTENSION: self}

    @override
    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > LONGEST_URL:
            self._refuse(414, f"the URL is longer than {LONGEST_URL} bytes", "url_too_long")

    @override
    def on_header(self, name: bytes, value: bytes) -> None:
        # What uvicorn does is done here, too: SDKs send twenty headers, and each would cost a second call.
        lower = name.lower()
        self.headers.append((lower, value))
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > LARGEST_HEAD or len(self.headers) > MOST_HEADERS:
            limits = f"{LARGEST_HEAD} bytes in {MOST_HEADERS} fields"
            self._refuse(431, f"the headers are larger than {limits}", "headers_too_large")
        if lower in _LOOKED_AT:
            self._look_at(lower, value)

    def _look_at(self, lower: bytes, value: bytes) -> None:
        if lower == b"host":
            self._hosts += 1
            if value.translate(None, _OF_A_HOST):
                self._refuse(400, "the Host header is not a host and a port", "invalid_http")
        elif lower == b"transfer-encoding":
            self._check_coding(value)
        elif value.lower() == b"100-continue":
            self.expect_100_continue = True

    def _check_coding(self, value: bytes) -> None:
        if value.strip().lower() != b"chunked":
            self._refuse(501, "the only transfer-encoding understood is chunked", "unsupported_encoding")
        if self.parser.get_http_version() == "1.0":
            # RFC 9112 §6.1: somebody between us and the client may have read another length.
            self._refuse(400, "HTTP/1.0 has no transfer-encoding", "invalid_http")

    @override
    def on_headers_complete(self) -> None:
        version = self.parser.get_http_version()
        if version not in ("1.1", "1.0"):
            self._refuse(505, "HTTP/1.1 is spoken here", "unsupported_http_version")
        if self.parser.should_upgrade():
            self._refuse(501, "there is nothing to upgrade or to connect to here", "unsupported_upgrade")
        if self._hosts > 1 or (version == "1.1" and not self._hosts):
            self._refuse(400, "exactly one Host header is needed", "invalid_http")
        self.stage = "body"
        super().on_headers_complete()
        # What comes behind the body must not join the headers (RFC 9110 §6.5.1): the request may not have
        # been looked at yet, and nobody in front of us has seen those fields.
        self.headers = []

    @override
    def on_body(self, body: bytes) -> None:
        self.waiting_since = self.loop.time()
        super().on_body(body)

    @override
    def on_message_complete(self) -> None:
        self.stage = "silent"
        self.waiting_since = None
        super().on_message_complete()

    @override
    def pause_writing(self) -> None:
        super().pause_writing()
        self.untaken = self.transport.get_write_buffer_size()
        self.untaken_since = self.loop.time()

    @override
    def resume_writing(self) -> None:
        super().resume_writing()
        self.untaken_since = None

    def refuse_slow(self) -> None:
        """The client has kept us waiting for too long: say so if a request has begun, and close."""
        if self.untaken_since is not None:
            self.transport.abort()  # to close would wait for what it does not take
            return
        if self.stage == "silent":
            self.transport.close()
            return
        self._refusal = (408, InvalidRequest("the request did not arrive in time", code="request_timeout"))
        self.waiting_since = None
        self.send_400_response("")

    def _refuse(self, status: int, message: str, code: str) -> None:
        self._refusal = (status, InvalidRequest(message, code=code))
        raise Refused

    @override
    def send_400_response(self, msg: str) -> None:
        """uvicorn calls it for whatever the parser refuses; a request being answered is cut with it."""
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            status, error = self._refusal
            body = error_body(error)
            self.transport.write(
                b"HTTP/1.1 %d %b\r\ncontent-type: application/json\r\nconnection: close\r\n"
                b"content-length: %d\r\n\r\n%b" % (status, _REASONS[status], len(body), body)
            )
        self.transport.close()


def _without_upgrade(data: bytes) -> bytes:
    """The bytes of a head without its offer to upgrade, which a server may ignore (RFC 9110 §7.8).

    Java's HTTP client offers h2c with every request, bodies included; llhttp takes what follows such a head
    for another protocol and would lose the body. A head in several pieces may keep its offer: it is refused.
    """
    for name in (b"\r\nUpgrade:", b"\r\nupgrade:"):
        at = data.find(name)
        if 0 <= at < data.find(b"\r\n\r\n"):
            return data[:at] + b"\r\nx-offer:" + data[at + len(name) :]
    return data
