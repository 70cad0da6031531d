"""AsgiChannel: a client's side of a request over plain ASGI; cancels the request when the client leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from llm_gateway.application.ports.answer_channel import Headers
from llm_gateway.domain.errors import InvalidRequest, RequestTooLarge
from llm_gateway.entrypoints.http.protocol import EXTENSION, GatewayProtocol

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

STREAM_HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
)


class ClientGone(Exception):
    """The client left before its request was complete."""


class AsgiChannel:
    """Implements AnswerChannel."""

    __slots__ = ("_connection", "_receive", "_scope", "_send", "_watcher", "begun", "gone")

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._watcher: asyncio.Task[None] | None = None
        self._connection: GatewayProtocol | None = scope.get("extensions", {}).get(EXTENSION)
        self.begun = False
        self.gone = False

    async def read_body(self, declared: int | None, limit: int) -> bytes:
        """The whole request body. Raises RequestTooLarge, or ClientGone when the client left meanwhile."""
        if declared is not None and declared > limit:
            raise _too_large(limit)
        message = await self._receive()
        body: bytes = message.get("body", b"")
        if message["type"] == "http.request" and not message.get("more_body"):
            if len(body) > limit:
                raise _too_large(limit)
            return body
        pieces = [body]
        size = len(body)
        while message["type"] == "http.request" and message.get("more_body"):
            if size > limit:
                raise _too_large(limit)
            message = await self._receive()
            pieces.append(message.get("body", b""))
            size += len(pieces[-1])
        if message["type"] != "http.request":
            self.gone = True
            raise ClientGone
        if size > limit:
            raise _too_large(limit)
        if declared is not None and size != declared:
            raise InvalidRequest("the body is shorter than its content-length", code="invalid_http")
        return b"".join(pieces)

    def watch(self, task: asyncio.Task[Any]) -> None:
        """From now on `task` is cancelled as soon as the client leaves. The body must have been read."""

        def leave() -> None:
            self.gone = True
            task.cancel()

        if self._connection is not None:
            if self._connection.transport.is_closing():
                leave()
            else:
                self._connection.on_gone = leave
        else:
            self._watcher = asyncio.create_task(self._wait_for_disconnect(leave))

    def unwatch(self) -> None:
        if self._connection is not None:
            self._connection.on_gone = None
        if self._watcher is not None:
            self._watcher.cancel()
            self._watcher = None

    async def _wait_for_disconnect(self, leave: Callable[[], None]) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        leave()

    async def answer(self, status: int, headers: Headers, body: bytes) -> None:
        self.begun = True
        await self._send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [*headers, (b"content-length", b"%d" % len(body))],
            }
        )
        await self._send({"type": "http.response.body", "body": body})

    async def begin(self, headers: Headers) -> None:
        self.begun = True
        await self._send(
            {"type": "http.response.start", "status": 200, "headers": [*STREAM_HEADERS, *headers]}
        )

    async def write(self, data: bytes) -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self) -> None:
        await self._send({"type": "http.response.body", "body": b""})

    async def abort(self) -> None:
        """Without the final chunk, so that no client can take a cut body for a whole one."""
        if self._connection is not None:
            # uvicorn would log a bug otherwise: to it, an unfinished answer is the application's mistake.
            self._connection.cycle.response_complete = True
            self._connection.transport.close()


def _too_large(limit: int) -> RequestTooLarge:
    return RequestTooLarge(
        f"the body is larger than {limit} bytes (server.max_body)", code="request_too_large"
    )
