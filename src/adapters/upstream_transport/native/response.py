"""NativeResponse: one exchange's answer, carried on from the socket's own callback or read whole."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from typing_extensions import override

from llm_gateway.application.ports.upstream_transport import UpstreamResponse
from llm_gateway.domain.errors import UpstreamDisconnected, UpstreamError, UpstreamMalformed

# Beyond this much unread the upstream is no longer read from; below the other it is again.
HIGH_WATER_BYTES = 64 * 1024
LOW_WATER_BYTES = 16 * 1024


class Flow(Protocol):
    """The connection as a response sees it."""

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def abandon(self) -> None:
        """Close at once: the exchange is not wanted any more."""
        ...


class NativeResponse(UpstreamResponse):
    """Handed out once its head has arrived.

    While somebody carries, bytes go to him without a task being woken; otherwise they wait in a buffer, and
    beyond the mark in the upstream.
    """

    __slots__ = (
        "_buffer",
        "_ended",
        "_failure",
        "_flow",
        "_high_water",
        "_loop",
        "_paused",
        "_size",
        "_take",
        "_waiter",
        "connect_ms",
        "head_arrived",
        "headers",
        "status",
    )

    def __init__(self, flow: Flow, loop: asyncio.AbstractEventLoop) -> None:
        self.status = 0
        self.headers: Sequence[tuple[bytes, bytes]] = ()
        self.connect_ms = 0.0
        self.head_arrived: asyncio.Future[None] = loop.create_future()
        self._loop = loop
        self._flow: Flow | None = flow
        self._buffer: deque[bytes] = deque()
        self._size = 0
        self._high_water = HIGH_WATER_BYTES
        self._paused = False
        self._ended = False
        self._failure: UpstreamError | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._take: Callable[[bytes], bool] | None = None

    @override
    def header(self, name: bytes) -> bytes | None:
        for key, value in self.headers:
            if key == name:
                return value
        return None

    @override
    async def carry(self, take: Callable[[bytes], bool]) -> bool:
        try:
            while self._buffer:
                if not take(self._pop()):
                    return False
            if not self._ended:
                self._take = take
                await self._more()
                if self._take is None:
                    return self._ended and not self._buffer and self._failure is None
                self._take = None
            if self._failure is not None:
                raise self._failure
        except BaseException:
            self._abandon()
            raise
        return True

    @override
    async def read(self, limit: int) -> bytes:
        try:
            self._high_water = limit  # what is read whole is bounded by the limit alone
            while not self._ended and self._size <= limit:
                self._resume()
                await self._more()
            if self._size > limit:
                raise UpstreamMalformed("the upstream's body is larger than allowed")
            if self._failure is not None:
                raise self._failure
            body = self._buffer[0] if len(self._buffer) == 1 else b"".join(self._buffer)
            self._buffer.clear()
            self._size = 0
            return body
        finally:
            self._abandon()

    @override
    async def aclose(self) -> None:
        self._abandon()

    # Called by the reader and the connection

    def on_head(self, status: int, headers: Sequence[tuple[bytes, bytes]]) -> None:
        self.status = status
        self.headers = headers
        if not self.head_arrived.done():
            self.head_arrived.set_result(None)

    def on_body(self, data: bytes) -> None:
        if self._ended:
            return
        if self._take is None:
            self._keep(data)
            return
        try:
            if self._take(data):
                return
        except Exception as exc:  # is raised where it belongs: in the task that carries
            self._wake(exc)
        else:
            self._wake()
        self._take = None

    def on_end(self) -> None:
        """The body is whole; the connection is no longer this response's."""
        self._ended = True
        self._flow = None
        self._wake()

    def on_failure(self, exc: UpstreamError) -> None:
        """The exchange broke; the connection is closed."""
        if self._ended:
            return
        self._ended = True
        self._flow = None
        self._failure = exc
        if not self.head_arrived.done():
            self.head_arrived.set_exception(exc)
        self._wake()

    # Own

    def _keep(self, data: bytes) -> None:
        self._buffer.append(data)
        self._size += len(data)
        if self._size > self._high_water and not self._paused and self._flow is not None:
            # The idle limit stands still meanwhile: the silence is ours.
            self._paused = True
            self._flow.pause_reading()
        self._wake()

    def _pop(self) -> bytes:
        data = self._buffer.popleft()
        self._size -= len(data)
        if self._size <= LOW_WATER_BYTES:
            self._resume()
        return data

    def _resume(self) -> None:
        if self._paused and self._flow is not None:
            self._paused = False
            self._flow.resume_reading()

    async def _more(self) -> None:
        self._waiter = self._loop.create_future()
        await self._waiter

    def _wake(self, exc: Exception | None = None) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is None or waiter.done():
            return
        if exc is None:
            waiter.set_result(None)
        else:
            waiter.set_exception(exc)

    def _abandon(self) -> None:
        if self._ended:
            return
        flow = self._flow
        self._take = None
        self._buffer.clear()
        self._size = 0
        self.on_failure(UpstreamDisconnected("the response was closed before its end", outcome="cancelled"))
        if flow is not None:
            flow.abandon()
