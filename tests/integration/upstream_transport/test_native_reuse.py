"""Which connections of the native transport carry a second request, and which never do."""

from __future__ import annotations

import asyncio
import socket
import threading

import pytest

from llm_gateway.adapters.upstream_transport.native import origin_connections
from llm_gateway.adapters.upstream_transport.native.origin_connections import PoolLimits
from llm_gateway.adapters.upstream_transport.native.transport import NativeTransport
from llm_gateway.application.ports.upstream_transport import Timeouts, UpstreamRequest
from llm_gateway.domain.errors import UpstreamError
from tests.fakes.loopback_server import Handler, LoopbackServer, Peer, Received

OK = b"HTTP/1.1 200 OK\r\n"
HELLO = OK + b"content-length: 5\r\n\r\nhello"


def request(
    server: LoopbackServer, method: str = "POST", body: bytes = b"{}", **timeouts: float
) -> UpstreamRequest:
    return UpstreamRequest(
        method=method,
        origin=server.origin,
        target="/x",
        headers=(),
        body=body,
        timeouts=Timeouts(**timeouts),
    )


def says(*answers: bytes, close: bool = False) -> Handler:
    """Give these bytes in order, the last ones again and again."""
    remaining = list(answers)

    async def handler(_request: Received, peer: Peer) -> None:
        await peer.send(remaining.pop(0) if len(remaining) > 1 else remaining[0])
        if close:
            peer.cut()

    return handler


async def twice(server: LoopbackServer, transport: NativeTransport, method: str = "POST") -> list[bytes]:
    bodies = []
    for _ in range(2):
        bodies.append(await (await transport.send(request(server, method))).read(1000))
        await asyncio.sleep(0.01)
    return bodies


@pytest.mark.parametrize(
    ("answer", "method"),
    [
        (HELLO, "POST"),
        (OK + b"transfer-encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nx-sum: 1\r\n\r\n", "POST"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + HELLO, "POST"),
        (b"HTTP/1.1 204 None\r\n\r\n", "POST"),
        (b"HTTP/1.1 304 Same\r\ncontent-length: 5\r\n\r\n", "GET"),
        (OK + b"content-length: 5\r\n\r\n", "HEAD"),
        (OK + b"transfer-encoding: chunked\r\n\r\n", "HEAD"),
        (b"HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n", "POST"),
    ],
)
async def test_a_clean_end_lets_the_connection_be_used_again(answer: bytes, method: str) -> None:
    """Two requests, one connection."""
    async with LoopbackServer(says(answer)) as server:
        transport = NativeTransport()
        first, second = await twice(server, transport, method)
        await transport.aclose()
    assert first == second
    assert server.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"connection: close\r\ncontent-length: 5\r\n\r\nhello",
        b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 5\r\n\r\nhello",
        HELLO + b"!",
        HELLO + b"\r\n",
        HELLO + HELLO.replace(b"hello", b"smugg"),
        OK + b"transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" + HELLO.replace(b"hello", b"smugg"),
        OK + b"transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n\r\n",
        OK + b"keep-alive: timeout=1\r\ncontent-length: 5\r\n\r\nhello",
    ],
    ids=[
        "close",
        "1.0",
        "a byte",
        "a line",
        "a response",
        "a response after chunks",
        "a line after chunks",
        "timeout",
    ],
)
async def test_a_doubtful_connection_is_not_used_again(answer: bytes) -> None:
    """Two requests, two connections, and both get their own answer."""
    async with LoopbackServer(says(answer)) as server:
        transport = NativeTransport()
        assert await twice(server, transport) == [b"hello", b"hello"]
        await transport.aclose()
    assert server.connections == 2


async def test_a_body_until_close_is_whole_and_last() -> None:
    """Without a length the end of the connection is the end of the body."""
    async with LoopbackServer(says(OK + b"\r\nhello", close=True)) as server:
        transport = NativeTransport()
        assert await twice(server, transport) == [b"hello", b"hello"]
        await transport.aclose()
    assert server.connections == 2


async def test_bytes_that_arrive_while_idle_close_the_connection() -> None:
    """A late smuggled response is not taken for the next request's answer."""
    late = asyncio.Event()

    async def handler(received: Received, peer: Peer) -> None:
        await peer.send(HELLO)
        if received.connection == 1:
            peer.writer.get_extra_info("socket")
            asyncio.get_running_loop().call_later(0.01, peer.writer.write, HELLO.replace(b"hello", b"smugg"))
            asyncio.get_running_loop().call_later(0.03, late.set)

    async with LoopbackServer(handler) as server:
        transport = NativeTransport()
        assert await (await transport.send(request(server))).read(10) == b"hello"
        await late.wait()
        assert await (await transport.send(request(server))).read(10) == b"hello"
        await transport.aclose()
    assert server.connections == 2


async def test_a_connection_closed_while_idle_is_replaced() -> None:
    """The request goes out on a fresh one and nobody notices."""
    async with LoopbackServer(says(HELLO, HELLO)) as server:
        transport = NativeTransport()
        response = await transport.send(request(server))
        await response.read(10)
        for task in list(server._tasks):
            task.cancel()
        await server.until(lambda: server.open == 0)
        await asyncio.sleep(0.01)
        assert await (await transport.send(request(server))).read(10) == b"hello"
        await transport.aclose()
    assert server.connections == 2


async def test_a_close_that_the_loop_has_not_seen_yet_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """After an idle while the socket itself is asked, so that nothing is written into a closed one."""
    monkeypatch.setattr(origin_connections, "_LOOK_AFTER_SECONDS", 0.0)
    listener = socket.create_server(("127.0.0.1", 0))
    close, closed = threading.Event(), threading.Event()

    def serve() -> None:
        for number in range(2):
            peer, _ = listener.accept()
            with peer:
                peer.recv(65536)
                peer.sendall(HELLO)
                if number == 0:
                    close.wait(10)
            closed.set()

    thread = threading.Thread(target=serve)
    thread.start()
    transport = NativeTransport()
    ask = UpstreamRequest(
        method="POST",
        origin=f"http://127.0.0.1:{listener.getsockname()[1]}",
        target="/x",
        headers=(),
        body=b"",
    )
    assert await (await transport.send(ask)).read(10) == b"hello"
    close.set()
    closed.wait(10)  # blocks the loop on purpose: it must not see the close by itself
    assert await (await transport.send(ask)).read(10) == b"hello"
    await transport.aclose()
    thread.join()
    listener.close()


@pytest.mark.parametrize(
    "answer", [b"nonsense\r\n\r\n", OK + b"content-length: x\r\n\r\n", OK + b"content-length: 9\r\n\r\nhello"]
)
async def test_after_an_error_the_connection_is_gone(answer: bytes) -> None:
    """No request follows a broken answer on the same connection."""
    async with LoopbackServer(says(answer, HELLO)) as server:
        transport = NativeTransport()
        with pytest.raises(UpstreamError):
            await (await transport.send(request(server, idle=0.05))).read(10)
        assert await (await transport.send(request(server))).read(10) == b"hello"
        await transport.aclose()
    assert server.connections == 2


async def test_idle_connections_are_closed_after_a_while() -> None:
    """Without a request coming by: the sweeper does it."""
    async with LoopbackServer(says(HELLO)) as server:
        transport = NativeTransport(limits=PoolLimits(idle_seconds=0.05))
        await (await transport.send(request(server))).read(10)
        assert server.open == 1
        await server.until(lambda: server.open == 0)
        await transport.aclose()


async def test_an_old_connection_is_retired() -> None:
    """A moved upstream is found at the latest after `max_age_seconds`."""
    async with LoopbackServer(says(HELLO)) as server:
        transport = NativeTransport(limits=PoolLimits(max_age_seconds=0.0))
        await twice(server, transport)
        await transport.aclose()
    assert server.connections == 2


async def test_closing_the_transport_closes_idle_connections() -> None:
    """When `aclose` returns, the sockets are closed."""
    async with LoopbackServer(says(HELLO)) as server:
        transport = NativeTransport()
        await (await transport.send(request(server))).read(10)
        await transport.aclose()
        await server.until(lambda: server.open == 0)


async def test_the_newest_connection_is_preferred() -> None:
    """Last in, first out: what is not needed ages out."""
    gate = asyncio.Event()

    async def handler(received: Received, peer: Peer) -> None:
        if len(server.requests) <= 2:
            await gate.wait()
        await peer.send(HELLO)

    async with LoopbackServer(handler) as server:
        transport = NativeTransport()
        both = [asyncio.create_task(transport.send(request(server))) for _ in range(2)]
        await server.until(lambda: len(server.requests) == 2)
        gate.set()
        for task in both:
            await (await task).read(10)
        for _ in range(5):
            await (await transport.send(request(server))).read(10)
        await transport.aclose()
    assert len({r.connection for r in server.requests[2:]}) == 1
