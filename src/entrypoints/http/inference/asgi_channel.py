"""AsgiChannel: a client's side of a request over plain ASGI, for any server; a task waits for it to leave."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from llm_gateway.application.ports.answer_channel import Ending, Headers
from llm_gateway.entrypoints.http.inference.request_body import Receive, Send

STREAM_HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
)


class AsgiChannel:
    """Implements AnswerChannel. ASGI's `send` must be awaited: what is written goes out with `drained`."""

    __slots__ = ("_receive", "_send", "_unsent", "_watcher", "begun", "gone")

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._watcher: asyncio.Task[None] | None = None
        self._unsent = b""
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

    def write(self, data: bytes) -> bool:
        self._unsent += data
        return False

    async def drained(self) -> None:
        unsent, self._unsent = self._unsent, b""
        if unsent:
            await self._put({"type": "http.response.body", "body": unsent, "more_body": True})

    async def end(self, ending: Ending, last: bytes = b"") -> None:
        """ASGI has no word for a cut: servers close a connection whose answer was left unfinished."""
        unsent, self._unsent = self._unsent + last, b""
        if unsent or ending == "complete":
            await self._put({"type": "http.response.body", "body": unsent, "more_body": ending == "cut"})
