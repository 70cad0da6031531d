"""Many requests at once, and giving up in every phase, leave the native transport consistent."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from llm_gateway.adapters.upstream_transport.native.origin_connections import PoolLimits
from llm_gateway.adapters.upstream_transport.native.transport import NativeTransport
from llm_gateway.application.ports.upstream_transport import Timeouts, UpstreamRequest
from llm_gateway.domain.errors import UpstreamNotReached, UpstreamTimeout
from tests.fakes.loopback_server import LoopbackServer, Peer, Received


def request(origin: str, body: bytes = b"x", **timeouts: float) -> UpstreamRequest:
    return UpstreamRequest(
        method="POST", origin=origin, target="/x", headers=(), body=body, timeouts=Timeouts(**timeouts)
    )


async def echo(received: Received, peer: Peer) -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(received.body)
    await peer.send(head, received.body)


async def silence(_received: Received, _peer: Peer) -> None:
    await asyncio.Event().wait()


async def half(_received: Received, peer: Peer) -> None:
    await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf")
    await asyncio.Event().wait()


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_a_thousand_requests_share_fifty_connections() -> None:
    """Each gets its own answer, and the bound holds on the server's side."""
    async with LoopbackServer(echo) as server:
        transport = NativeTransport(limits=PoolLimits(max_connections=50))

        async def one(number: int) -> bool:
            body = b"request %d" % number
            ask = request(server.origin, body, connect=60.0)
            return await (await transport.send(ask)).read(100) == body

        assert all(await asyncio.gather(*(one(number) for number in range(1000))))
        pool = transport._origins[server.origin].pool
        assert (pool.taken, pool.idle, pool.waiting) == (50, 50, 0)
        await transport.aclose()
    assert server.most_open == 50
    assert server.connections == 50


async def test_who_waits_longest_is_served_first() -> None:
    """The queue of a full pool is fair."""
    async with LoopbackServer(echo) as server:
        transport = NativeTransport(limits=PoolLimits(max_connections=1))

        async def one(number: int) -> None:
            await (await transport.send(request(server.origin, b"%d" % number))).read(100)

        await asyncio.gather(*(one(number) for number in range(20)))
        await transport.aclose()
    assert [int(r.body) for r in server.requests] == list(range(20))


async def test_a_queue_that_does_not_move_is_left_in_time() -> None:
    """Nothing was sent, so the attempt may go elsewhere."""
    async with LoopbackServer(silence) as server:
        transport = NativeTransport(limits=PoolLimits(max_connections=1))
        first = asyncio.create_task(transport.send(request(server.origin)))
        await server.until(lambda: len(server.requests) == 1)
        with pytest.raises(UpstreamNotReached) as caught:
            await transport.send(request(server.origin, connect=0.02))
        assert caught.value.outcome == "not_sent"
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        await transport.aclose()


@pytest.mark.parametrize("handler", [silence, half], ids=["waiting for the head", "reading the body"])
async def test_cancelled_exchanges_leave_no_slot_taken(handler) -> None:
    """Ten cancelled in a pool of two, those in the queue included; then there is room for two again."""
    async with LoopbackServer(handler) as server:
        transport = NativeTransport(limits=PoolLimits(max_connections=2))

        async def one() -> None:
            await (await transport.send(request(server.origin))).read(100)

        tasks = [asyncio.create_task(one()) for _ in range(10)]
        await server.until(lambda: len(server.requests) == 2)
        await asyncio.sleep(0.01)
        for task in reversed(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.until(lambda: server.open == 0)
        pool = transport._origins[server.origin].pool
        assert (pool.taken, pool.idle, pool.waiting) == (0, 0, 0)
        await transport.aclose()


async def test_cancelling_in_any_loop_turn_leaves_the_pool_consistent() -> None:
    """Connects, exchanges and hand-overs are cut off after 0, 1, 2 … turns of the loop."""
    async with LoopbackServer(echo) as server:
        transport = NativeTransport(limits=PoolLimits(max_connections=2))

        async def one() -> None:
            await (await transport.send(request(server.origin))).read(100)

        for turns in range(40):
            tasks = [asyncio.create_task(one()) for _ in range(4)]
            for _ in range(turns):
                await asyncio.sleep(0)
            for task in tasks[::2]:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            assert [r for r in results if r is not None and not isinstance(r, asyncio.CancelledError)] == []
        await server.until(lambda: _settled(transport, server))
        await transport.aclose()


def _settled(transport: NativeTransport, server: LoopbackServer) -> bool:
    pool = transport._origins[server.origin].pool
    return pool.taken == pool.idle == server.open and pool.waiting == 0


async def test_cancelling_a_connect_leaves_no_slot_taken() -> None:
    """A peer that accepts and never shakes hands holds nothing after the cancellation."""
    stalled = socket.create_server(("127.0.0.1", 0))  # the kernel connects, nobody accepts
    origin = f"https://127.0.0.1:{stalled.getsockname()[1]}"
    transport = NativeTransport()
    task = asyncio.create_task(transport.send(request(origin)))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert transport._origins[origin].pool.taken == 0
    stalled.close()
    await transport.aclose()


async def test_a_handshake_that_does_not_end_is_a_connect_timeout() -> None:
    """TLS is part of connecting: nothing was sent."""
    stalled = socket.create_server(("127.0.0.1", 0))  # the kernel connects, nobody accepts
    origin = f"https://127.0.0.1:{stalled.getsockname()[1]}"
    transport = NativeTransport()
    with pytest.raises(UpstreamTimeout) as caught:
        await transport.send(request(origin, connect=0.05))
    assert (caught.value.phase, caught.value.outcome) == ("connect", "not_sent")
    assert transport._origins[origin].pool.taken == 0
    stalled.close()
    await transport.aclose()


async def test_descriptors_do_not_leak() -> None:
    """After successes, failures, time-outs and closing, as many are open as after the round before."""

    async def mixed(received: Received, peer: Peer) -> None:
        match int(received.body) % 4:
            case 0:
                await echo(received, peer)
            case 1:
                peer.reset()
            case 2:
                await half(received, peer)
            case 3:
                await peer.send(b"nonsense\r\n\r\n")

    async def round_of(requests: int) -> None:
        transport = NativeTransport()

        async def one(number: int) -> None:
            ask = request(server.origin, b"%d" % number, idle=0.05)
            await (await transport.send(ask)).read(100)

        results = await asyncio.gather(*(one(n) for n in range(requests)), return_exceptions=True)
        await transport.aclose()
        assert sum(result is None for result in results) == requests // 4
        await server.until(lambda: server.open == 0)

    async with LoopbackServer(mixed) as server:
        await round_of(40)
        before = descriptors()
        await round_of(200)
        await server.until(lambda: descriptors() <= before)
