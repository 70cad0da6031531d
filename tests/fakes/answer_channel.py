"""FakeAnswerChannel: a client without a socket, who takes what is written as long as a test lets it."""

from __future__ import annotations

import asyncio
from typing import Any

from llm_gateway.application.drill_case import ClientView
from llm_gateway.application.ports.answer_channel import AnswerChannel, Ending, Headers

# Writes that are taken before one has to wait for the client.
_BUFFER = 4


class FakeAnswerChannel(AnswerChannel):
    """`taking` cleared is a client that reads nothing; `leave` is one that goes away.

    `closed` says that the connection was given up: nothing can follow.
    """

    def __init__(self) -> None:
        self.begun = False
        self.gone = False
        self.closed = False
        self.complete = False
        self.status: int | None = None
        self.headers: dict[str, str] = {}
        self.writes: list[bytes] = []
        self._ahead = 0
        self.taking = asyncio.Event()
        self.taking.set()
        self._task: asyncio.Task[Any] | None = None

    def watch(self, task: asyncio.Task[Any]) -> None:
        self._task = task

    def unwatch(self) -> None:
        self._task = None

    def leave(self) -> None:
        self.gone = True
        if self._task is not None:
            self._task.cancel()

    def view(self) -> ClientView:
        body = b"".join(self.writes)
        return ClientView(status=self.status, headers=self.headers, body=body, complete=self.complete)

    async def answer(self, status: int, headers: Headers, body: bytes) -> None:
        self._head(status, headers)
        self.writes.append(body)
        self.complete = True

    async def begin(self, headers: Headers) -> None:
        self._head(200, [(b"content-type", b"text/event-stream; charset=utf-8"), *headers])

    def write(self, data: bytes) -> bool:
        self._must_be_open()
        if self.gone:
            return True
        self.writes.append(data)
        self._ahead += 1
        return self.taking.is_set() and self._ahead < _BUFFER

    async def drained(self) -> None:
        if not self.gone:
            await asyncio.sleep(0)
            await self.taking.wait()
            self._ahead = 0

    async def end(self, ending: Ending, last: bytes = b"") -> None:
        self._must_be_open()
        if last and not self.gone:
            self.writes.append(last)
        self.complete = ending == "complete" and not self.gone
        self.closed = ending == "cut"

    def _head(self, status: int, headers: Headers) -> None:
        assert not self.begun, "a second head"
        self.begun = True
        self.status = status
        self.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}

    def _must_be_open(self) -> None:
        assert self.begun, "a body without a head"
        assert not (self.complete or self.closed), "written after the end"
