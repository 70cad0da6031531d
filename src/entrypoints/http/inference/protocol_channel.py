"""ProtocolChannel: a client's side of a request straight on the server's transport.

ASGI's `send` costs a dictionary, a coroutine and a header scan per message and writes head and body apart.
Here an answer is one write, and so is a forwarded piece of a stream. What uvicorn knows of the request
(`RequestResponseCycle`) is kept as its own `send` would: keep-alive, pipelining and shutdown stay uvicorn's.
"""

from __future__ import annotations

import asyncio
import http
from typing import Any

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from llm_gateway.application.ports.answer_channel import Ending, Headers
from llm_gateway.entrypoints.http.inference.asgi_channel import STREAM_HEADERS
from llm_gateway.entrypoints.http.protocol import GatewayProtocol

_STATUS_LINES = {
    status.value: f"HTTP/1.1 {status} {status.phrase}\r\n".encode() for status in http.HTTPStatus
}


class ProtocolChannel:
    """Implements AnswerChannel. `cycle` is the request's own: the protocol's may be a later, pipelined one.

    Headers are written as they are given: whoever takes one over from a request or a configuration (request
    id, model name) has made sure that it is printable ASCII.
    """

    __slots__ = (
        "_chunked",
        "_cycle",
        "_flow",
        "_protocol",
        "_task",
        "_transport",
        "_unsent",
        "begun",
        "gone",
    )

    def __init__(self, protocol: GatewayProtocol, cycle: RequestResponseCycle) -> None:
        self._protocol = protocol
        self._transport = protocol.transport
        self._flow = protocol.flow
        self._cycle = cycle
        self._task: asyncio.Task[Any] | None = None
        self._chunked = self._cycle.scope["http_version"] != "1.0"
        self._unsent = b""
        self.begun = False
        self.gone = False

    def watch(self, task: asyncio.Task[Any]) -> None:
        """From now on `task` is cancelled as soon as the client leaves."""
        self._task = task
        if self._transport.is_closing():
            self._leave()
        else:
            self._protocol.on_gone = self._leave

    def unwatch(self) -> None:
        self._protocol.on_gone = None
        self._task = None

    def _leave(self) -> None:
        self.gone = True
        if self._task is not None:
            self._task.cancel()

    async def answer(self, status: int, headers: Headers, body: bytes) -> None:
        if self._transport.is_closing():
            return
        length = (b"content-length", b"%d" % len(body))
        head = self._head(status, (*headers, length))
        self._transport.write(head if self._cycle.scope["method"] == "HEAD" else head + body)
        self._complete()

    async def begin(self, headers: Headers) -> None:
        if self._transport.is_closing():
            return
        framing = ((b"transfer-encoding", b"chunked"),) if self._chunked else ()
        if not self._chunked:
            self._cycle.keep_alive = False
        self._unsent = self._head(200, (*STREAM_HEADERS, *headers, *framing))

    def write(self, data: bytes) -> bool:
        transport = self._transport
        if transport.is_closing():
            return True
        if self._chunked:
            data = b"%x\r\n%b\r\n" % (len(data), data)
        if self._unsent:
            data, self._unsent = self._unsent + data, b""
        transport.write(data)
        return not self._flow.write_paused

    async def drained(self) -> None:
        await self._flow.drain()

    async def end(self, ending: Ending, last: bytes = b"") -> None:
        if self._transport.is_closing():
            return
        if last and self._chunked:
            last = b"%x\r\n%b\r\n" % (len(last), last)
        if ending == "cut":
            self._cycle.keep_alive = False
        elif self._chunked:
            last += b"0\r\n\r\n"
        self._transport.write(self._unsent + last)
        if ending == "complete" and self._flow.write_paused:
            await self._flow.drain()
            if self._transport.is_closing():
                return
        self._complete()

    def _head(self, status: int, headers: Headers) -> bytes:
        self.begun = True
        cycle = self._cycle
        cycle.response_started = True
        cycle.waiting_for_100_continue = False
        line = _STATUS_LINES.get(status) or b"HTTP/1.1 %d \r\n" % status
        parts = [line]
        for name, value in (*self._protocol.server_state.default_headers, *headers):
            parts += (name, b": ", value, b"\r\n")
            if name == b"connection":
                cycle.keep_alive = False
        if not cycle.keep_alive and not any(name == b"connection" for name, _ in headers):
            parts.append(b"connection: close\r\n")
        parts.append(b"\r\n")
        return b"".join(parts)

    def _complete(self) -> None:
        cycle = self._cycle
        cycle.response_complete = True
        cycle.message_event.set()
        if not cycle.keep_alive:
            self._transport.close()
        cycle.on_response()
