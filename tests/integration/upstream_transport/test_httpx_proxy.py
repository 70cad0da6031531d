"""The httpx transport through a proxy, which is what it is there for."""

from __future__ import annotations

import asyncio
import contextlib
import ssl

import pytest
import trustme

from llm_gateway.adapters.upstream_transport.httpx_transport import HttpxTransport
from llm_gateway.adapters.upstream_transport.native.tls import client_context
from llm_gateway.application.ports.upstream_transport import UpstreamRequest
from llm_gateway.domain.errors import UpstreamNotReached
from tests.fakes.loopback_server import LoopbackServer, Peer, Received

HELLO = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"
CALLER = (b"authorization", b"Bearer sk-secret")


async def hello(_received: Received, peer: Peer) -> None:
    await peer.send(HELLO)


def request(origin: str) -> UpstreamRequest:
    return UpstreamRequest(
        method="POST", origin=origin, target="/v1/a%2Fb?c=d", headers=(CALLER,), body=b"{}"
    )


async def test_a_plain_origin_is_asked_for_by_its_whole_address() -> None:
    """RFC 9112 §3.2.2: the proxy gets the absolute form."""
    async with LoopbackServer(hello) as proxy:
        transport = HttpxTransport(proxy=proxy.origin)
        assert await (await transport.send(request("http://upstream.test"))).read(10) == b"hello"
        await transport.aclose()
    head = proxy.requests[0].head
    assert head.startswith(b"POST http://upstream.test/v1/a%2Fb?c=d HTTP/1.1\r\n")


async def test_a_tls_origin_is_tunnelled_and_its_secret_stays_inside() -> None:
    """The proxy sees CONNECT host:port and not one header of the request."""
    authority = trustme.CA()
    tls = client_context()
    authority.configure_trust(tls)
    server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(server_tls)
    seen: list[bytes] = []

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.transport.abort()

    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        host, port = seen[-1].split(b" ")[1].decode().split(":")
        upstream = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        await asyncio.gather(pump(reader, upstream[1]), pump(upstream[0], writer))

    proxy = await asyncio.start_server(tunnel, "127.0.0.1", 0)
    async with LoopbackServer(hello, tls=server_tls) as server:
        port = server.origin.rpartition(":")[2]
        address = f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}"
        transport = HttpxTransport(proxy=address, verify=tls)
        response = await transport.send(request(f"https://localhost:{port}"))
        assert await response.read(10) == b"hello"
        await transport.aclose()
        await asyncio.sleep(0.02)
    proxy.close()
    assert seen[0].startswith(f"CONNECT localhost:{port} HTTP/1.1\r\n".encode())
    assert b"sk-secret" not in seen[0]
    assert server.requests[0].head.startswith(b"POST /v1/a%2Fb?c=d HTTP/1.1\r\n")


async def test_a_proxy_that_refuses_is_not_reached() -> None:
    """The upstream never saw the request."""

    async def refuse(_received: Received, peer: Peer) -> None:
        await peer.send(b"HTTP/1.1 407 Who are you\r\ncontent-length: 0\r\n\r\n")

    async with LoopbackServer(refuse) as proxy:
        transport = HttpxTransport(proxy=proxy.origin)
        with pytest.raises(UpstreamNotReached):
            await transport.send(request("https://upstream.test"))
        await transport.aclose()
