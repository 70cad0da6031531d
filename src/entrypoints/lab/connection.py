"""One client's connection: HTTP/1.1 in through httptools, answers out in order with back-pressure.

Requests of one connection are answered one after the other, pipelined ones too. A client that closes, or only
its writing half, is gone: the answer under way is cancelled at that moment.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, cast

import httptools

MOST_BODY = 64 * 1024 * 1024
_LINGER_ZERO = struct.pack("ii", 1, 0)


@dataclass(slots=True, kw_only=True)
class HttpRequest:
    """Header names are lower-case; `target` is the path with its query, as sent.

    `hurried`: the body was not waited for.
    """

    method: str = ""
    target: bytes = b""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    keep_alive: bool = True
    hurried: bool = False

    def header(self, name: bytes) -> str:
        return next((value.decode("latin-1") for key, value in self.headers if key == name), "")


class Connection(asyncio.Protocol):
    """`serve` answers one request, through `send` and the closing methods; cancelled when the client leaves.

    `hurried` says of a head that its body must not be awaited: then `serve` gets the request without it.
    """

    def __init__(
        self,
        serve: Callable[[Connection, HttpRequest], Awaitable[None]],
        *,
        hurried: Callable[[HttpRequest], bool],
        opened: Callable[[Connection], None],
        closed: Callable[[Connection], None],
    ) -> None:
        self._serve = serve
        self._hurried = hurried
        self._opened = opened
        self._closed = closed
        self._parser: Any = httptools.HttpRequestParser(self)
        self._request = HttpRequest()
        self._pieces: list[bytes] = []
        self._size = 0
        self._waiting: deque[HttpRequest] = deque()
        self._task: asyncio.Task[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._deaf = False
        self._over = False
        self.ended = asyncio.Event()
        self.on_client_gone: Callable[[], None] | None = None

    # -- towards the exchange

    async def send(self, data: bytes) -> None:
        """Returns when the transport takes more."""
        self._transport.write(data)
        if not self._writable.is_set():
            await self._writable.wait()

    def close(self) -> None:
        """Closes after what was written has gone out."""
        self._over = True
        self._transport.close()

    def reset(self) -> None:
        """Closes with a TCP reset."""
        self._over = True
        raw = self._transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        self._transport.abort()

    def drop(self) -> None:
        """Closes at once, what was written but not sent is lost."""
        self._over = True
        self._transport.abort()

    async def stall(self) -> None:
        """Waits, silent, until the client leaves."""
        await self.ended.wait()

    # -- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one by shape, not by class
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._opened(self)

    def data_received(self, data: bytes) -> None:
        if self._deaf or self._over:
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._refuse(b"400 Bad Request")

    def eof_received(self) -> bool:
        self._transport.abort()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._over = True
        if self.on_client_gone is not None:
            self.on_client_gone()
        if self._task is not None:
            self._task.cancel()
        self.ended.set()
        self._closed(self)

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    # -- httptools

    def on_message_begin(self) -> None:
        self._request, self._pieces, self._size = HttpRequest(), [], 0

    def on_url(self, url: bytes) -> None:
        self._request.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._request.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        request = self._request
        request.method = self._parser.get_method().decode()
        request.keep_alive = self._parser.should_keep_alive()
        if self._parser.get_http_version() != "1.1":
            self._refuse(b"505 HTTP Version Not Supported")
        elif self._hurried(request):
            self._deaf = request.hurried = True
            self._enqueue(request)
        elif request.header(b"expect").lower() == "100-continue" and self._task is None:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        self._pieces.append(body)
        self._size += len(body)
        if self._size > MOST_BODY:
            self._refuse(b"413 Content Too Large")

    def on_message_complete(self) -> None:
        if not (self._deaf or self._over):
            self._request.body = b"".join(self._pieces)
            self._enqueue(self._request)

    # -- in order

    def _enqueue(self, request: HttpRequest) -> None:
        self._waiting.append(request)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._answer_all())

    async def _answer_all(self) -> None:
        while self._waiting and not self._over:
            try:
                await self._serve(self, self._waiting.popleft())
            except Exception:
                self.drop()  # a mistake of the lab's own: the client must not wait for it
                raise
        self._task = None

    def _refuse(self, status: bytes) -> None:
        """For what is not worth a dialect's shape: broken HTTP."""
        if not self._over:
            self._over = True
            self._transport.write(b"HTTP/1.1 %s\r\nconnection: close\r\ncontent-length: 0\r\n\r\n" % status)
            self._transport.close()
