"""Back-pressure both ways, large bodies, early answers."""

from __future__ import annotations

import asyncio

import pytest

from llm_gateway.adapters.upstream_transport.native.response import HIGH_WATER_BYTES
from llm_gateway.adapters.upstream_transport.native.transport import NativeTransport
from llm_gateway.application.ports.upstream_transport import Timeouts, UpstreamRequest
from llm_gateway.domain.errors import UpstreamTimeout
from tests.fakes.loopback_server import LoopbackServer, Peer, Received

MEBIBYTE = 1024 * 1024
WAITING_BYTES = HIGH_WATER_BYTES + 256 * 1024  # the mark and one read of the socket
OK = b"HTTP/1.1 200 OK\r\n"


def request(origin: str, body: bytes = b"", **timeouts: float) -> UpstreamRequest:
    return UpstreamRequest(
        method="POST", origin=origin, target="/x", headers=(), body=body, timeouts=Timeouts(**timeouts)
    )


class Flood:
    """Answers with a body of `size` bytes, as fast as it is taken; counts what it has `sent` of it."""

    def __init__(self, size: int) -> None:
        self._size = size
        self.sent = 0

    async def __call__(self, _received: Received, peer: Peer) -> None:
        await peer.send(OK + b"content-length: %d\r\n\r\n" % self._size)
        piece = b"x" * (MEBIBYTE // 16)
        for _ in range(self._size // len(piece)):
            await peer.send(piece)
            self.sent += len(piece)

    async def until_stuck(self) -> None:
        last = -1
        while last != self.sent:
            last = self.sent
            await asyncio.sleep(0.05)


async def test_an_unread_body_stops_the_upstream() -> None:
    """What waits in memory stays near the mark; the upstream is not read from until it is taken."""
    flood = Flood(64 * MEBIBYTE)
    async with LoopbackServer(flood) as server:
        transport = NativeTransport()
        response = await transport.send(request(server.origin))
        await flood.until_stuck()
        assert response._size <= WAITING_BYTES
        assert flood.sent < 64 * MEBIBYTE
        taken: list[int] = []
        assert await response.carry(lambda data: taken.append(len(data)) is None)
        assert sum(taken) == 64 * MEBIBYTE
        assert await (await transport.send(request(server.origin))).aclose() is None
        await transport.aclose()


async def test_a_slow_reader_is_not_an_idle_upstream() -> None:
    """While reading is paused the idle limit stands still: the silence is ours."""

    async def plenty(_received: Received, peer: Peer) -> None:
        await peer.send(OK + b"content-length: %d\r\n\r\nx" % (8 * MEBIBYTE))
        await asyncio.sleep(0.02)  # so that the idle limit runs before reading is paused
        await peer.send(b"x" * (8 * MEBIBYTE - 1))

    async with LoopbackServer(plenty) as server:
        transport = NativeTransport()
        response = await transport.send(request(server.origin, idle=0.1))
        await asyncio.sleep(0.3)
        assert len(await response.read(8 * MEBIBYTE)) == 8 * MEBIBYTE
        await transport.aclose()


async def test_a_large_request_arrives_whole() -> None:
    """Sent piece by piece as the peer takes it, and the connection is used again."""

    async def measure(received: Received, peer: Peer) -> None:
        body = b"%d" % len(received.body)
        await peer.send(OK + b"content-length: %d\r\n\r\n" % len(body) + body)

    async with LoopbackServer(measure) as server:
        transport = NativeTransport()
        for _ in range(2):
            response = await transport.send(request(server.origin, b"x" * 8 * MEBIBYTE))
            assert await response.read(100) == b"8388608"
        await transport.aclose()
    assert server.connections == 1


async def test_an_answer_before_the_end_of_the_request_is_taken() -> None:
    """A 413 is read while the body still waits to be sent; then the connection is closed, not pooled."""

    async def refuse(_received: Received, peer: Peer) -> None:
        await peer.send(b"HTTP/1.1 413 Too much\r\ncontent-length: 2\r\n\r\nno")
        await asyncio.Event().wait()

    async with LoopbackServer(refuse, reads_bodies=False) as server:
        transport = NativeTransport()
        response = await transport.send(request(server.origin, b"x" * 64 * MEBIBYTE))
        assert (response.status, await response.read(10)) == (413, b"no")
        pool = transport._origins[server.origin].pool
        await server.until(lambda: pool.taken == 0)
        await transport.aclose()


async def test_the_head_of_an_early_answer_ends_the_sending() -> None:
    """It is handed on although its body is not there yet and the request is not through."""
    gate = asyncio.Event()

    async def refuse(_received: Received, peer: Peer) -> None:
        await peer.send(b"HTTP/1.1 413 Too much\r\ncontent-length: 2\r\n\r\n")
        await gate.wait()
        await peer.send(b"no")
        await asyncio.Event().wait()

    async with LoopbackServer(refuse, reads_bodies=False) as server:
        transport = NativeTransport()
        response = await transport.send(request(server.origin, b"x" * 64 * MEBIBYTE))
        gate.set()
        assert (response.status, await response.read(10)) == (413, b"no")
        pool = transport._origins[server.origin].pool
        await server.until(lambda: pool.taken == 0)
        await transport.aclose()


async def _stall(_received: Received, _peer: Peer) -> None:
    await asyncio.Event().wait()


async def test_a_peer_that_stops_reading_is_an_idle_timeout() -> None:
    """Writing has a limit too."""
    async with LoopbackServer(_stall, reads_bodies=False) as server:
        transport = NativeTransport()
        with pytest.raises(UpstreamTimeout) as caught:
            await transport.send(request(server.origin, b"x" * 64 * MEBIBYTE, idle=0.1))
        assert caught.value.phase == "idle"
        await transport.aclose()


async def test_cancelling_a_write_closes_the_connection() -> None:
    """Half a request is never followed by another one."""
    async with LoopbackServer(_stall, reads_bodies=False) as server:
        transport = NativeTransport()
        task = asyncio.create_task(transport.send(request(server.origin, b"x" * 64 * MEBIBYTE)))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        pool = transport._origins[server.origin].pool
        await server.until(lambda: pool.taken == 0)
        await transport.aclose()


async def test_a_head_that_drips_runs_into_the_first_byte_limit() -> None:
    """Bytes of an unfinished head do not buy time."""

    async def drip(_received: Received, peer: Peer) -> None:
        for letter in OK + b"x: " + b"y" * 10_000:
            await peer.send(bytes([letter]))
            await asyncio.sleep(0.005)

    async with LoopbackServer(drip) as server:
        transport = NativeTransport()
        with pytest.raises(UpstreamTimeout) as caught:
            await transport.send(request(server.origin, first_byte=0.1, idle=0.05))
        await transport.aclose()
    assert caught.value.phase == "first_byte"


async def test_a_body_that_drips_is_whole_and_not_idle() -> None:
    """Each byte in its own segment, framing included."""
    wire = OK + b"transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n4;x\r\ndefg\r\n0\r\ny: z\r\n\r\n"

    async def drip(_received: Received, peer: Peer) -> None:
        await peer.drip(wire)

    async with LoopbackServer(drip) as server:
        transport = NativeTransport()
        for _ in range(2):
            assert await (await transport.send(request(server.origin))).read(10) == b"abcdefg"
        await transport.aclose()
    assert server.connections == 1


async def test_a_connection_that_was_carried_is_used_again() -> None:
    """The end of a body is the end of its exchange, whoever took it."""
    gate = asyncio.Event()

    async def parts(_received: Received, peer: Peer) -> None:
        await peer.send(OK + b"transfer-encoding: chunked\r\n\r\n3\r\none\r\n")
        await gate.wait()
        await peer.send(b"3\r\ntwo\r\n", b"0\r\n\r\n")

    async with LoopbackServer(parts) as server:
        transport = NativeTransport()
        for _ in range(2):
            response, taken = await transport.send(request(server.origin)), bytearray()
            gate.set()
            assert await response.carry(lambda data, taken=taken: taken.extend(data) is None)
            assert taken == b"onetwo"
        await transport.aclose()
    assert server.connections == 1


async def test_who_carries_may_hold_the_upstream_back() -> None:
    """What waits in memory while he does stays near the mark; then everything comes."""
    flood = Flood(16 * MEBIBYTE)
    async with LoopbackServer(flood) as server:
        transport = NativeTransport()
        response, taken = await transport.send(request(server.origin)), []
        assert await response.carry(lambda data: taken.append(len(data)) is not None) is False
        await flood.until_stuck()
        assert flood.sent < 16 * MEBIBYTE and response._size <= WAITING_BYTES
        assert await response.carry(lambda data: taken.append(len(data)) is None)
        assert sum(taken) == 16 * MEBIBYTE
        await transport.aclose()
