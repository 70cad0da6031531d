"""AsgiChannel: a client's side of a request over plain ASGI, for any server; a task waits for it to leave."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from llm_gateway.application.ports.answer_channel import Headers
from llm_gateway.entrypoints.http.inference.request_body import Receive, Send

STREAM_HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
)


class AsgiChannel:
    """Implements AnswerChannel."""

    __slots__ = ("_receive", "_send", "_watcher", "begun", "gone")

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._watcher: asyncio.Task[None] | None = None
        self.begun = False
        self.gone = False

    def watch(self, task: asyncio.Task[Any]) -> None:
        """From now on `task` is cancelled as soon as the client leaves. The body must have been read."""
        self._watcher = asyncio.create_task(self._wait_for_disconnect(task.cancel))

    def unwatch(self) -> None:
        if self._watcher is not None:
            self._watcher.cancel()
            self._watcher = None

    async def _wait_for_disconnect(self, cancel: Callable[[], object]) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.gone = True
        cancel()

    async def _put(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # the ASGI specification's word for a client that has left
            await self._send(message)

    async def answer(self, status: int, headers: Headers, body: bytes) -> None:
        self.begun = True
        complete = [*headers, (b"content-length", b"%d" % len(body))]
        await self._put({"type": "http.response.start", "status": status, "headers": complete})
        await self._put({"type": "http.response.body", "body": body})

    async def begin(self, headers: Headers) -> None:
        self.begun = True
        await self._put(
            {"type": "http.response.start", "status": 200, "headers": [*STREAM_HEADERS, *headers]}
        )

    async def write(self, data: bytes) -> None:
        await self._put({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self) -> None:
        await self._put({"type": "http.response.body", "body": b""})

    async def abort(self) -> None:
        """ASGI has no word for it: servers close a connection whose answer was left unfinished."""
