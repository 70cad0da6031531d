"""FakeUpstreamTransport: UpstreamTransport that plays scripted answers without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from llm_gateway.application.ports.upstream_transport import (
    UpstreamRequest,
    UpstreamResponse,
    UpstreamTransport,
)
from llm_gateway.domain.errors import (
    GatewayError,
    InvalidRequest,
    UpstreamDisconnected,
    UpstreamMalformed,
    UpstreamNotReached,
    UpstreamTimeout,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedAnswer:
    """What an upstream does with one request.

    `opening` is what happens instead of a head, if anything; `chunks` go out one by one, an Event among them
    is waited for; `ending` is what follows the last chunk.
    """

    status: int = 200
    headers: Sequence[tuple[bytes, bytes]] = ()
    chunks: Sequence[bytes | asyncio.Event] = ()
    opening: Literal["head", "silence", "loss", "garbage"] = "head"
    ending: Literal["complete", "cut", "silence", "garbage"] = "complete"


class FakeUpstreamTransport(UpstreamTransport):
    """Answers in order, the last one again and again. `requests` is what was sent, `abandoned` counts
    exchanges that were cancelled or closed before their end."""

    def __init__(self, *answers: ScriptedAnswer | GatewayError) -> None:
        self._answers = list(answers)
        self._used = False
        self._closed = False
        self.requests: list[UpstreamRequest] = []
        self.abandoned = 0

    async def send(self, request: UpstreamRequest) -> UpstreamResponse:
        _refuse_injection(request)
        if self._closed:
            raise UpstreamNotReached("the transport is closed")
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, GatewayError):
            raise answer
        self.requests.append(request)
        connect_ms, self._used = (0.0 if self._used else 0.1), True
        if answer.opening == "silence":
            await self._pause(request.timeouts.first_byte)
            raise UpstreamTimeout("scripted", phase="first_byte")
        if answer.opening == "loss":
            raise UpstreamDisconnected("scripted")
        if answer.opening == "garbage":
            raise UpstreamMalformed("scripted")
        return FakeUpstreamResponse(self, request, answer, connect_ms)

    async def aclose(self) -> None:
        self._closed = True

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            self.abandoned += 1
            raise


class FakeUpstreamResponse(UpstreamResponse):
    def __init__(
        self,
        transport: FakeUpstreamTransport,
        request: UpstreamRequest,
        answer: ScriptedAnswer,
        connect_ms: float,
    ) -> None:
        self.status = answer.status
        self.headers = [(name.lower(), value) for name, value in answer.headers]
        self.connect_ms = connect_ms
        self._transport = transport
        self._request = request
        self._answer = answer
        self._open = True
        self._pieces = self._chunks()

    def header(self, name: bytes) -> bytes | None:
        return next((value for key, value in self.headers if key == name), None)

    async def carry(self, take: Callable[[bytes], bool]) -> bool:
        try:
            while (piece := await anext(self._pieces, None)) is not None:
                if not take(piece):
                    return False
        except BaseException:
            await self.aclose()
            raise
        return True

    async def _chunks(self) -> AsyncIterator[bytes]:
        timeouts = self._request.timeouts
        try:
            async with asyncio.timeout(timeouts.total):
                for chunk in self._answer.chunks:
                    if isinstance(chunk, asyncio.Event):
                        await self._wait(chunk, timeouts.idle)
                    elif chunk:
                        yield chunk
                await self._end(timeouts.idle)
        except TimeoutError as exc:
            raise UpstreamTimeout("scripted", phase="total") from exc
        self._open = False

    async def read(self, limit: int) -> bytes:
        parts: list[bytes] = []

        def take(piece: bytes) -> bool:
            parts.append(piece)
            if sum(map(len, parts)) > limit:
                raise UpstreamMalformed("scripted")
            return True

        await self.carry(take)
        return b"".join(parts)

    async def aclose(self) -> None:
        if self._open:
            self._open = False
            self._transport.abandoned += 1

    async def _wait(self, event: asyncio.Event, idle: float) -> None:
        try:
            async with asyncio.timeout(idle) as limit:
                await event.wait()
        except asyncio.CancelledError:
            if not limit.expired():
                await self.aclose()
            raise
        except TimeoutError as exc:
            self._open = False
            raise UpstreamTimeout("scripted", phase="idle") from exc

    async def _end(self, idle: float) -> None:
        match self._answer.ending:
            case "silence":
                await self._wait(asyncio.Event(), idle)
            case "cut":
                self._open = False
                raise UpstreamDisconnected("scripted")
            case "garbage":
                self._open = False
                raise UpstreamMalformed("scripted")
            case "complete":
                pass


def _refuse_injection(request: UpstreamRequest) -> None:
    texts = [request.target.encode(), *(part for pair in request.headers for part in pair)]
    if any(byte in text for text in texts for byte in (b"\r", b"\n", b"\0")):
        raise InvalidRequest("a header value for the upstream holds a CR, LF or NUL")
