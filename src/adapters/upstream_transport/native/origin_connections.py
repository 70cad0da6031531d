"""OriginConnections: the connections to one origin, opened, lent out, taken back and aged."""

from __future__ import annotations

import asyncio
import select
import ssl
from dataclasses import dataclass
from typing import Literal

from llm_gateway.adapters.upstream_transport.native.connection import Connection
from llm_gateway.adapters.upstream_transport.native.connector import connect
from llm_gateway.adapters.upstream_transport.native.pool import Pool
from llm_gateway.adapters.upstream_transport.native.tls import ResumingContext
from llm_gateway.adapters.upstream_transport.origin import Origin
from llm_gateway.domain.errors import UpstreamNotReached

# A connection that was idle for longer is looked at before it is used: the peer may have closed it in the
# moment that the loop has not seen yet. Peers do not close what was used within the last second.
_LOOK_AFTER_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolLimits:
    """Per origin. `idle_seconds` is shortened by what the peer promises less a second; `max_age_seconds`
    bounds how long a moved DNS name or an old certificate goes unnoticed."""

    max_connections: int = 1000
    idle_seconds: float = 30.0
    max_age_seconds: float = 300.0


class OriginConnections:
    """Made inside the loop that it is used in."""

    def __init__(
        self,
        origin: Origin,
        limits: PoolLimits,
        context: ssl.SSLContext | None,
        link_local: Literal["refused", "allowed"] = "refused",
    ) -> None:
        self.origin = origin
        self.loop = asyncio.get_running_loop()
        self.pool: Pool[Connection] = Pool(limits.max_connections)
        self._limits = limits
        self._context = context
        self._link_local = link_local
        self._open: set[Connection] = set()
        self._sweeper: asyncio.TimerHandle | None = None
        self._closing: UpstreamNotReached | None = None

    def idle_connection(self) -> Connection | None:
        """A connection that can be used at once, if there is one."""
        now = self.loop.time()
        while (connection := self.pool.take(now)) is not None:
            if connection.usable and (
                now - connection.last_used < _LOOK_AFTER_SECONDS or _is_quiet(connection)
            ):
                return connection
            connection.abort()
        return None

    async def connection(self, seconds: float) -> tuple[Connection, float]:
        """An open connection and what opening it took in milliseconds, 0.0 for one that was open.

        Waits up to `seconds` for its turn, then up to `seconds` for a new connection. Raises
        UpstreamNotReached and UpstreamTimeout(connect); cancelled, it gives back what it held.
        """
        while True:
            if self._closing is not None:
                raise self._closing
            connection = self.idle_connection()
            if connection is None and not self.pool.reserve():
                connection = await self._turn(seconds)
            if connection is None:
                return await self._new(seconds)
            if connection.usable:
                return connection, 0.0

    async def close(self) -> None:
        """Close idle connections and wait until they are; busy ones close at the end of their exchange."""
        self._closing = UpstreamNotReached("the transport is closed")
        if self._sweeper is not None:
            self._sweeper.cancel()
        self.pool.close(self._closing)
        await asyncio.gather(*(c.wait_gone() for c in self._open if c.closed))

    # Called by connections

    def released(self, connection: Connection) -> None:
        now = self.loop.time()
        if self._closing is not None:
            connection.abort()
            return
        idle = self._limits.idle_seconds
        if connection.promised_idle is not None:
            idle = min(idle, connection.promised_idle - 1.0)
        connection.last_used = now
        connection.idle_until = now + idle
        if isinstance(self._context, ResumingContext):
            self._context.remember(self.origin.host, connection.ssl_object())
        self.pool.give(connection, now)
        if self._sweeper is None:
            self._sweeper = self.loop.call_later(self._limits.idle_seconds, self._sweep)

    def closed(self, connection: Connection) -> None:
        self._open.discard(connection)
        self.pool.gone(connection)

    # Own

    async def _turn(self, seconds: float) -> Connection | None:
        turn: asyncio.Future[Connection | None] = self.loop.create_future()
        self.pool.queue(turn)
        limit = self.loop.call_later(seconds, _too_late, turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._give_back(turn.result())
            raise
        finally:
            limit.cancel()

    def _give_back(self, granted: Connection | None) -> None:
        if granted is None:
            self.pool.free()
        elif not granted.closed:
            self.pool.give(granted, self.loop.time())

    async def _new(self, seconds: float) -> tuple[Connection, float]:
        began = self.loop.time()
        try:
            connection = await connect(
                self.origin,
                self._context,
                seconds,
                lambda: Connection(self.loop),
                link_local=self._link_local,
            )
        except BaseException:
            self.pool.free()
            raise
        now = self.loop.time()
        connection.retire_at = now + self._limits.max_age_seconds
        self._open.add(connection)
        connection.adopt(self)
        # The clock may stand still on loopback; a connection that was opened never reports 0.0.
        return connection, max((now - began) * 1000.0, 0.001)

    def _sweep(self) -> None:
        self.pool.evict(self.loop.time())
        self._sweeper = None
        if self.pool.idle:
            self._sweeper = self.loop.call_later(self._limits.idle_seconds, self._sweep)


def _too_late(turn: asyncio.Future[Connection | None]) -> None:
    if not turn.done():
        turn.set_exception(UpstreamNotReached("no connection to the upstream became free in time"))


def _is_quiet(connection: Connection) -> bool:
    descriptor = connection.fileno()
    if descriptor < 0:
        return False
    poller = select.poll()
    poller.register(descriptor, select.POLLIN)
    return not poller.poll(0)
