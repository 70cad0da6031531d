"""HttpxTransport: UpstreamTransport on httpx, for proxied upstreams, HTTP/2 and low-rate peers."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Sequence
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx
from typing_extensions import override

from llm_gateway.adapters.upstream_transport.httpx_errors import Moment, translated
from llm_gateway.adapters.upstream_transport.native.tls_settings import context_of
from llm_gateway.adapters.upstream_transport.origin import Origin, parse_origin
from llm_gateway.adapters.upstream_transport.request_head import request_head
from llm_gateway.application.ports.upstream_transport import (
    TlsSettings,
    UpstreamRequest,
    UpstreamResponse,
    UpstreamTransport,
)
from llm_gateway.domain.errors import UpstreamMalformed, UpstreamNotReached, UpstreamTimeout


class HttpxTransport(UpstreamTransport):
    """Built synchronously; its client is made at the first `send`, inside the running loop.

    `proxy` is `http://…`, `https://…` or `socks5://…` and may carry credentials. Redirects are not followed,
    cookies are neither kept nor sent, the environment is not read, bodies are passed on undecoded.

    httpx closes connections in use when its client closes. So `aclose` with exchanges under way only turns
    new ones away, and the last one to end closes the client.
    """

    def __init__(
        self,
        *,
        proxy: str | None = None,
        verify: ssl.SSLContext | bool = True,
        max_connections: int = 100,
        idle_seconds: float = 30.0,
        http2: bool = False,
    ) -> None:
        self._proxy = proxy
        self._verify = verify
        self._limits = httpx.Limits(
            max_connections=max_connections,
            max_keepalive_connections=max_connections,
            keepalive_expiry=idle_seconds,
        )
        self._http2 = http2
        self._clients: dict[TlsSettings | None, httpx.AsyncClient] = {}
        self._closed = False
        self._under_way = 0

    @override
    async def send(self, request: UpstreamRequest) -> UpstreamResponse:
        origin = parse_origin(request.origin)
        request_head(request, origin)  # the same refusals as the native transport, from the same place
        if self._closed:
            raise UpstreamNotReached("the transport is closed")
        trace = _Trace()
        # httpcore looks its time-outs up when it needs them: `read` is changed once the head is there.
        limits = {
            "connect": request.timeouts.connect,
            "pool": request.timeouts.connect,
            "write": request.timeouts.idle,
            "read": request.timeouts.first_byte,
        }
        deadline = asyncio.get_running_loop().time() + request.timeouts.total
        outgoing = _outgoing(request, origin, {"timeout": limits, "trace": trace})
        self._under_way += 1
        try:
            async with asyncio.timeout_at(deadline):
                response = await self._open_client(request.tls).send(outgoing, stream=True)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, TimeoutError) as exc:
            await self._ended()
            ours = _said_as_ours(exc, Moment(sent=trace.sent, phase="first_byte"))
            # h11's complaint about a request quotes the header that it complains about.
            raise ours from (None if isinstance(exc, httpx.LocalProtocolError) else exc)
        except BaseException:
            await self._ended()
            raise
        limits["read"] = request.timeouts.idle
        return HttpxResponse(response, connect_ms=trace.connect_ms, deadline=deadline, ended=self._ended)

    @override
    async def aclose(self) -> None:
        self._closed = True
        if self._under_way == 0:
            await self._close_clients()

    async def _ended(self) -> None:
        self._under_way -= 1
        if self._closed and self._under_way == 0:
            await self._close_clients()

    async def _close_clients(self) -> None:
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.aclose()

    def _open_client(self, tls: TlsSettings | None) -> httpx.AsyncClient:
        if tls not in self._clients:
            self._clients[tls] = httpx.AsyncClient(
                proxy=self._proxy,
                verify=self._verify if tls is None else context_of(tls),
                limits=self._limits,
                http2=self._http2,
                follow_redirects=False,
                trust_env=False,
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            )
        return self._clients[tls]


class HttpxResponse(UpstreamResponse):
    """A streamed httpx response. `deadline` is the loop time at which the whole exchange must be over."""

    def __init__(
        self,
        response: httpx.Response,
        *,
        connect_ms: float,
        deadline: float,
        ended: Callable[[], Awaitable[None]],
    ) -> None:
        self.status = response.status_code
        self.headers: Sequence[tuple[bytes, bytes]] = [
            (name.lower(), value) for name, value in response.headers.raw
        ]
        self.connect_ms = connect_ms
        self._response = response
        self._pieces = response.aiter_raw()
        self._deadline = deadline
        self._ended = ended
        self._open = True

    @override
    def header(self, name: bytes) -> bytes | None:
        return next((value for key, value in self.headers if key == name), None)

    @override
    async def carry(self, take: Callable[[bytes], bool]) -> bool:
        try:
            while (piece := await self._piece()) is not None:
                if piece and not take(piece):
                    return False
        except BaseException:
            await self.aclose()
            raise
        await self.aclose()
        return True

    @override
    async def read(self, limit: int) -> bytes:
        parts: list[bytes] = []
        size = 0

        def take(piece: bytes) -> bool:
            nonlocal size
            size += len(piece)
            if size > limit:
                raise UpstreamMalformed("the upstream's body is larger than allowed")
            parts.append(piece)
            return True

        await self.carry(take)
        return b"".join(parts)

    @override
    async def aclose(self) -> None:
        if self._open:
            self._open = False
            try:
                await self._response.aclose()
            finally:
                await self._ended()

    async def _piece(self) -> bytes | None:
        try:
            async with asyncio.timeout_at(self._deadline):
                return await anext(self._pieces, None)
        except (httpx.HTTPError, httpx.StreamError, TimeoutError) as exc:
            raise _said_as_ours(exc, Moment(sent=True, phase="idle")) from exc


class _Trace:
    """Listens to httpcore's trace events: what connecting cost, and whether the request was begun."""

    def __init__(self) -> None:
        self.sent = False
        self.connect_ms = 0.0
        self._connect_began = 0.0

    async def __call__(self, event: str, _info: dict[str, Any]) -> None:
        step = event.partition(".")[2]
        if step == "connect_tcp.started":
            self._connect_began = time.monotonic()
        elif step in ("connect_tcp.complete", "start_tls.complete"):
            self.connect_ms = (time.monotonic() - self._connect_began) * 1000.0
        elif step == "start_tls.started":
            self.sent = False  # what was sent before was a CONNECT to the proxy
        elif step == "send_request_headers.started":
            self.sent = True


def _said_as_ours(exc: Exception, moment: Moment) -> Exception:
    if isinstance(exc, TimeoutError):
        return UpstreamTimeout("the upstream took longer than the whole time", phase="total")
    return translated(exc, moment)


def _outgoing(request: UpstreamRequest, origin: Origin, extensions: dict[str, Any]) -> httpx.Request:
    headers = list(request.headers)
    if not any(name.lower() == b"accept-encoding" for name, _ in headers):
        headers.append((b"accept-encoding", b"identity"))
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    # Not by the "target" extension: httpcore would use it for the CONNECT to a proxy as well.
    return httpx.Request(
        request.method,
        f"{origin.scheme}://{host}:{origin.port}{request.target}",
        headers=headers,
        content=request.body or None,
        extensions=extensions,
    )
