"""SpanChannel: puts a whole answer into the platform's span envelope; streams pass through it unchanged."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from typing_extensions import override

from llm_gateway.application.ports.answer_channel import AnswerChannel, Ending, Headers
from llm_gateway.entrypoints.http.span_envelope import SpanEnvelope


class ClientChannel(AnswerChannel, Protocol):
    """An AnswerChannel that can tell a task that the client has left."""

    def watch(self, task: asyncio.Task[Any]) -> None: ...

    def unwatch(self) -> None: ...


class SpanChannel(ClientChannel):
    def __init__(self, inner: ClientChannel, span: SpanEnvelope) -> None:
        self.inner = inner
        self._span = span

    @property
    def begun(self) -> bool:  # type: ignore[override]
        return self.inner.begun

    @property
    def gone(self) -> bool:  # type: ignore[override]
        return self.inner.gone

    @override
    def watch(self, task: asyncio.Task[Any]) -> None:
        self.inner.watch(task)

    @override
    def unwatch(self) -> None:
        self.inner.unwatch()

    @override
    async def answer(self, status: int, headers: Headers, body: bytes) -> None:
        named = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
        await self.inner.answer(status, headers, self._span.around(status, named, body))

    @override
    async def begin(self, headers: Headers) -> None:
        await self.inner.begin(headers)

    @override
    def write(self, data: bytes) -> bool:
        return self.inner.write(data)

    @override
    async def drained(self) -> None:
        await self.inner.drained()

    @override
    async def end(self, ending: Ending, last: bytes = b"") -> None:
        await self.inner.end(ending, last)
