"""NativeTransport: UpstreamTransport on direct HTTP/1.1 connections; the gateway's data path."""

from __future__ import annotations

import asyncio
import ssl

from typing_extensions import override

from llm_gateway.adapters.upstream_transport.native.origin_connections import OriginConnections, PoolLimits
from llm_gateway.adapters.upstream_transport.native.response import NativeResponse
from llm_gateway.adapters.upstream_transport.native.tls import client_context
from llm_gateway.adapters.upstream_transport.origin import parse_origin
from llm_gateway.adapters.upstream_transport.request_head import request_head
from llm_gateway.application.ports.upstream_transport import UpstreamRequest, UpstreamTransport
from llm_gateway.domain.errors import UpstreamNotReached

_LIMITS = PoolLimits()


class NativeTransport(UpstreamTransport):
    """Built synchronously; used within one event loop. `tls` None makes a `client_context` when needed."""

    def __init__(self, *, limits: PoolLimits = _LIMITS, tls: ssl.SSLContext | None = None) -> None:
        self._limits = limits
        self._tls = tls
        self._origins: dict[str, OriginConnections] = {}
        self._closed = False

    @override
    async def send(self, request: UpstreamRequest) -> NativeResponse:
        if self._closed:
            raise UpstreamNotReached("the transport is closed")
        origin = self._origins.get(request.origin) or self._connections(request.origin)
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

    def _connections(self, text: str) -> OriginConnections:
        origin = parse_origin(text)
        if origin.is_tls and self._tls is None:
            self._tls = client_context()
        made = OriginConnections(origin, self._limits, self._tls if origin.is_tls else None)
        self._origins[text] = made
        return made
