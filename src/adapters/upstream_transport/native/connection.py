"""Connection: one TCP or TLS connection to an upstream, carrying one exchange at a time."""

from __future__ import annotations

import asyncio
import math
import ssl
from typing import Literal, Protocol, cast

from llm_gateway.adapters.upstream_transport.native.response import NativeResponse
from llm_gateway.adapters.upstream_transport.native.response_reader import ResponseReader
from llm_gateway.adapters.upstream_transport.native.tls import was_ended
from llm_gateway.application.ports.upstream_transport import Timeouts
from llm_gateway.domain.errors import (
    UpstreamDisconnected,
    UpstreamError,
    UpstreamMalformed,
    UpstreamTimeout,
)

# A request up to this size goes out in one write; a larger body follows piece by piece as the peer takes it,
# so that it is not copied whole into the transport's buffer.
_PIECE_BYTES = 128 * 1024

_SILENCE = {
    "first_byte": "the upstream took too long to answer",
    "idle": "the upstream fell silent",
    "total": "the upstream took longer than the whole time",
}


class Owner(Protocol):
    """The pool's side of a connection."""

    def released(self, connection: Connection) -> None:
        """Its exchange ended cleanly; it may carry another one."""
        ...

    def closed(self, connection: Connection) -> None:
        """It is gone, whatever it was doing."""
        ...


class Connection(asyncio.Protocol):
    """Life: made -> (start -> exchange -> idle)* -> closed. Any byte outside an exchange closes it.

    One timer serves all limits. It is set to the earliest of them; when it goes off and the limit has moved
    on meanwhile, it is set again. So a request costs two comparisons instead of three timers.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.closed = False
        self.retire_at = math.inf
        self.idle_until = math.inf
        self.promised_idle: float | None = None
        self.last_used = 0.0
        self._loop = loop
        self._owner: Owner | None = None
        self._transport: asyncio.Transport | None = None
        self._gone: asyncio.Future[None] | None = None
        self._reader: ResponseReader | None = None
        self._response: NativeResponse | None = None
        self._awaits_head = False
        self._timeouts = Timeouts()
        self._phase: Literal["first_byte", "idle"] = "idle"
        self._phase_limit = math.inf
        self._total_limit = math.inf
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = math.inf
        self._reading = True
        self._write_blocked = False
        self._unsent = False
        self._drained: asyncio.Future[None] | None = None

    def adopt(self, owner: Owner) -> None:
        """Tell `owner` of the end of exchanges and, exactly once, of the end of the connection."""
        self._owner = owner
        if self._transport is None:
            owner.closed(self)

    @property
    def usable(self) -> bool:
        return not self.closed and self._transport is not None and not self._transport.is_closing()

    # One exchange

    async def exchange(
        self, head: bytes, body: bytes, *, to_head: bool, timeouts: Timeouts, total_limit: float
    ) -> NativeResponse:
        """Write a request and wait for the response head. `total_limit` is a loop time.

        Raises as UpstreamTransport.send does; cancelled, it closes the connection.
        """
        transport = self._transport
        if transport is None or not self.usable:
            raise UpstreamDisconnected("the connection was closed", outcome="not_sent")
        response = self._response = NativeResponse(self, self._loop)
        self._reader = ResponseReader(response, to_head=to_head)
        self._awaits_head = True
        self._timeouts = timeouts
        self._total_limit = total_limit
        try:
            if len(body) <= _PIECE_BYTES:
                transport.write(head + body if body else head)
            else:
                await self._write_pieces(transport, response, head, body)
            self._enter("first_byte", timeouts.first_byte)
            await response.head_arrived
        except BaseException:
            await response.aclose()
            raise
        return response

    async def _write_pieces(
        self, transport: asyncio.Transport, response: NativeResponse, head: bytes, body: bytes
    ) -> None:
        self._unsent = True
        view = memoryview(body)
        transport.write(head)
        for start in range(0, len(body), _PIECE_BYTES):
            # An answer may come before the request is through (413, 401): then the rest is not worth sending,
            # and the connection is not worth keeping.
            if not self._awaits_head or self.closed:
                return
            transport.write(view[start : start + _PIECE_BYTES])
            self._enter("idle", self._timeouts.idle)
            if self._write_blocked:
                self._drained = self._loop.create_future()
                await self._drained
        self._unsent = False

    def _ended(self, reader: ResponseReader, response: NativeResponse) -> None:
        self._reader = self._response = None
        self._phase_limit = self._total_limit = math.inf
        self._wake_writer()
        if not reader.reusable or self._unsent or self.closed:
            self.abort()
            response.on_end()
            return
        if not self._reading:
            self.resume_reading()
        framing = reader.framing
        self.promised_idle = framing.idle_seconds if framing is not None else None
        response.on_end()
        if self._owner is not None:
            self._owner.released(self)

    def _fail(self, exc: UpstreamError) -> None:
        response = self._response
        self._reader = self._response = None
        self.abort()
        if response is not None:
            response.on_failure(exc)
        self._wake_writer()

    # Limits

    def _enter(self, phase: Literal["first_byte", "idle"], seconds: float) -> None:
        if self._response is None or not self._reading or (phase == "first_byte" and not self._awaits_head):
            return
        self._phase = phase
        self._phase_limit = self._loop.time() + seconds
        self._watch()

    def _watch(self) -> None:
        limit = min(self._phase_limit, self._total_limit)
        if limit < self._timer_at:
            if self._timer is not None:
                self._timer.cancel()
            self._timer_at = limit
            self._timer = self._loop.call_at(limit, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        self._timer_at = math.inf
        if self._response is None:
            return
        now = self._loop.time()
        if now >= self._total_limit:
            self._fail(UpstreamTimeout(_SILENCE["total"], phase="total"))
        elif now >= self._phase_limit:
            self._fail(UpstreamTimeout(_SILENCE[self._phase], phase=self._phase))
        else:
            self._watch()

    # Flow, for the response

    def pause_reading(self) -> None:
        if self._reading and self._transport is not None:
            self._reading = False
            self._phase_limit = math.inf  # the silence is ours, not the upstream's
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        if not self._reading and self._transport is not None:
            self._reading = True
            if not self._transport.is_closing():
                self._transport.resume_reading()
            self._enter("idle", self._timeouts.idle)

    def abandon(self) -> None:
        self._reader = self._response = None
        self.abort()

    def abort(self) -> None:
        """Close at once, without waiting for anything."""
        if not self.closed and self._transport is not None:
            self.closed = True
            self._transport.abort()

    async def wait_gone(self) -> None:
        """Until the socket is closed."""
        if self._transport is not None and self._gone is None:
            self._gone = self._loop.create_future()
        if self._gone is not None:
            await self._gone

    def fileno(self) -> int:
        """The socket's descriptor, or -1 once it is closed."""
        sock = None if self._transport is None else self._transport.get_extra_info("socket")
        return -1 if sock is None else int(sock.fileno())

    def ssl_object(self) -> ssl.SSLObject | None:
        return None if self._transport is None else self._transport.get_extra_info("ssl_object")

    # Called by asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are none by inheritance

    def data_received(self, data: bytes) -> None:
        reader = self._reader
        response = self._response
        if reader is None or response is None:
            self.abort()  # bytes that no request asked for
            return
        try:
            reader.feed(data)
        except UpstreamMalformed as exc:
            self._fail(exc)
            return
        if reader.complete:
            self._ended(reader, response)
        elif reader.framing is not None:
            if self._awaits_head:
                self._awaits_head = False
                self._wake_writer()
                self._enter("idle", self._timeouts.idle)
            elif self._reading:
                self._phase_limit = self._loop.time() + self._timeouts.idle

    def eof_received(self) -> bool:
        reader, response = self._reader, self._response
        if reader is not None and response is not None:
            try:
                if not was_ended(self.ssl_object()):
                    raise UpstreamDisconnected("the upstream's TLS connection was cut off")
                reader.feed_eof()
            except UpstreamDisconnected as exc:
                self._fail(exc)
            else:
                self._ended(reader, response)
        else:
            self.abort()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        if self._response is not None:
            when = "the body ended" if self._response.head_arrived.done() else "it answered"
            error = UpstreamDisconnected(f"the upstream closed the connection before {when}")
            error.__cause__ = exc
            self._fail(error)
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._gone is not None and not self._gone.done():
            self._gone.set_result(None)
        if self._owner is not None:
            self._owner.closed(self)

    def pause_writing(self) -> None:
        self._write_blocked = True

    def resume_writing(self) -> None:
        self._write_blocked = False
        self._wake_writer()

    def _wake_writer(self) -> None:
        drained, self._drained = self._drained, None
        if drained is not None and not drained.done():
            drained.set_result(None)
