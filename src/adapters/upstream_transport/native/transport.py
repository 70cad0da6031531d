"""NativeTransport: UpstreamTransport on direct HTTP/1.1 connections; the gateway's data path."""

from __future__ import annotations

import asyncio
import ssl

from typing_extensions import override

from llm_gateway.adapters.upstream_transport.native.origin_connections import OriginConnections, PoolLimits
from llm_gateway.adapters.upstream_transport.native.response import NativeResponse
from llm_gateway.adapters.upstream_transport.native.tls import client_context
from llm_gateway.adapters.upstream_transport.native.tls_settings import context_of
from llm_gateway.adapters.upstream_transport.origin import parse_origin
from llm_gateway.adapters.upstream_transport.request_head import request_head
from llm_gateway.application.ports.upstream_transport import TlsSettings, UpstreamRequest, UpstreamTransport
from llm_gateway.domain.errors import UpstreamNotReached

_LIMITS = PoolLimits()
_Key = str | tuple[str, TlsSettings | None, str]


class NativeTransport(UpstreamTransport):
    """Built synchronously; used within one event loop. `tls` None makes a `client_context` when needed."""

    def __init__(self, *, limits: PoolLimits = _LIMITS, tls: ssl.SSLContext | None = None) -> None:
        self._limits = limits
        self._tls = tls
        self._origins: dict[_Key, OriginConnections] = {}
        self._closed = False

    @override
    async def send(self, request: UpstreamRequest) -> NativeResponse:
        if self._closed:
            raise UpstreamNotReached("the transport is closed")
        origin = self._origins.get(_key(request)) or self._connections(request)
        head = request_head(request, origin.origin)
        timeouts = request.timeouts
        total_limit = origin.loop.time() + timeouts.total
        connection, connect_ms = origin.idle_connection(), 0.0
        if connection is None:
            connection, connect_ms = await origin.connection(min(timeouts.connect, timeouts.total))
        response = await connection.exchange(
            head,
            request.body,
            to_head=request.method == "HEAD",
            timeouts=timeouts,
            total_limit=total_limit,
        )
        response.connect_ms = connect_ms
        return response

    @override
    async def aclose(self) -> None:
        self._closed = True
        await asyncio.gather(*(origin.close() for origin in self._origins.values()))

    def _connections(self, request: UpstreamRequest) -> OriginConnections:
        """Connections are shared only by requests with the same TLS settings: one account's certificate must
        not speak for another, nor one's permission to connect."""
        origin = parse_origin(request.origin)
        context = self._context(request.tls) if origin.is_tls else None
        made = OriginConnections(origin, self._limits, context, request.link_local)
        self._origins[_key(request)] = made
        return made

    def _context(self, tls: TlsSettings | None) -> ssl.SSLContext:
        if tls is not None:
            return context_of(tls)
        if self._tls is None:
            self._tls = client_context()
        return self._tls


def _key(request: UpstreamRequest) -> _Key:
    """The origin itself for what is common: this is done for every request."""
    if request.tls is None and request.link_local == "refused":
        return request.origin
    return (request.origin, request.tls, request.link_local)
