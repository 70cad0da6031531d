"""The reference: the least that a Python proxy on uvicorn can be.

`python -m bench.forwarder <port of the upstream>`: raw ASGI, uvloop, httptools, a pool of keep-alive
connections, every piece of an answer sent on as it comes. It checks, decides, counts and records nothing;
what the gateway costs beyond it is the price of its features.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from typing import Any

import httptools
import uvicorn


class Connection(asyncio.Protocol):
    """One request at a time. `pieces` yields the body's parts; then the connection is free again."""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._waiter: asyncio.Future[None] | None = None
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)
        self._wake()

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()

    def on_body(self, data: bytes) -> None:
        self._parts.append(data)

    def on_message_complete(self) -> None:
        self._complete = True

    async def send(self, head: bytes, body: bytes) -> None:
        """Returns when the answer's head is here."""
        self._parser = httptools.HttpResponseParser(self)
        self.headers: list[tuple[bytes, bytes]] = []
        self.status = 0
        self._parts: list[bytes] = []
        self._complete = False
        self._transport.write(head + body)
        while not self.status:
            await self._more()

    async def pieces(self) -> AsyncIterator[bytes]:
        while True:
            if self._parts:
                data, self._parts = b"".join(self._parts), []
                yield data
            elif self._complete:
                return
            else:
                await self._more()

    async def _more(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        await self._waiter

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)


class Forwarder:
    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[Connection] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] == "GET":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        body = b""
        more = True
        while more:
            message = await receive()
            body += message["body"]
            more = message["more_body"]
        connection = self._idle.pop() if self._idle else await self._connect()
        await connection.send(self._head(scope, len(body)), body)
        headers = [pair for pair in connection.headers if pair[0] != b"transfer-encoding"]
        await send({"type": "http.response.start", "status": connection.status, "headers": headers})
        async for data in connection.pieces():
            await send({"type": "http.response.body", "body": data, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        self._idle.append(connection)

    def _head(self, scope: Any, length: int) -> bytes:
        return (
            b"POST %b HTTP/1.1\r\nhost: upstream\r\n"
            b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % (scope["raw_path"], length)
        )

    async def _connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        return (await loop.create_connection(Connection, "127.0.0.1", self._port))[1]


def main(upstream: int) -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(f"listens on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    config = uvicorn.Config(
        Forwarder(upstream),
        loop="uvloop",
        http="httptools",
        lifespan="off",
        log_level="warning",
        access_log=False,
    )
    uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    main(int(sys.argv[1]))
