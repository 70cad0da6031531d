"""The contract of port UpstreamTransport, kept by every adapter and by the fake."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

import pytest

from llm_gateway.adapters.upstream_transport.httpx_transport import HttpxTransport
from llm_gateway.adapters.upstream_transport.native.transport import NativeTransport
from llm_gateway.application.ports.upstream_transport import Timeouts, UpstreamRequest, UpstreamTransport
from llm_gateway.domain.errors import (
    InvalidRequest,
    UpstreamDisconnected,
    UpstreamMalformed,
    UpstreamNotReached,
    UpstreamTimeout,
)
from tests.fakes.loopback_server import LoopbackServer, plays
from tests.fakes.upstream_transport import FakeUpstreamTransport, ScriptedAnswer

ADAPTERS: dict[str, Callable[[], UpstreamTransport]] = {
    "httpx": HttpxTransport,
    "native": NativeTransport,
}


@dataclass(frozen=True, slots=True)
class Upstream:
    """An upstream that plays a script, and a transport that reaches it."""

    transport: UpstreamTransport
    request: UpstreamRequest
    server: LoopbackServer | None

    async def abandoned(self) -> bool:
        """Whether the exchange was given up: seen by the server as a connection closed under its hands."""
        if self.server is None:
            assert isinstance(self.transport, FakeUpstreamTransport)
            return self.transport.abandoned == 1
        server = self.server
        await server.until(lambda: server.abandoned == 1 and server.open == 0)
        return True

    async def begun(self) -> None:
        """Wait until a request has come in."""
        async with asyncio.timeout(10):
            while not self._requests():  # noqa: ASYNC110 - a counter, on either side of a socket
                await asyncio.sleep(0.001)

    def _requests(self) -> int:
        if self.server is not None:
            return len(self.server.requests)
        assert isinstance(self.transport, FakeUpstreamTransport)
        return len(self.transport.requests)


@pytest.fixture(params=["fake", *ADAPTERS])
async def upstream(request: pytest.FixtureRequest) -> AsyncIterator[Callable[..., object]]:
    """Call it with ScriptedAnswers to get an Upstream."""
    async with AsyncExitStack() as stack:

        async def arrange(*answers: ScriptedAnswer) -> Upstream:
            if request.param == "fake":
                return Upstream(FakeUpstreamTransport(*answers), _request("http://upstream.test"), None)
            server = await stack.enter_async_context(LoopbackServer(plays(*answers)))
            transport = ADAPTERS[request.param]()
            stack.push_async_callback(transport.aclose)
            return Upstream(transport, _request(server.origin), server)

        yield arrange


def _request(origin: str, **timeouts: float) -> UpstreamRequest:
    return UpstreamRequest(
        method="POST",
        origin=origin,
        target="/v1/chat/completions",
        headers=((b"content-type", b"application/json"), (b"authorization", b"Bearer sk-secret")),
        body=b'{"model":"m"}',
        timeouts=Timeouts(**timeouts),
    )


def _hurried(request: UpstreamRequest, **timeouts: float) -> UpstreamRequest:
    return replace(request, timeouts=Timeouts(**timeouts))


async def test_the_head_comes_with_lower_case_names_in_order(upstream) -> None:
    """Status and headers are as sent, names lower-case, repeated ones kept."""
    sent = ((b"X-One", b"1"), (b"Set-Cookie", b"a=1"), (b"Set-Cookie", b"b=2"))
    world = await upstream(ScriptedAnswer(status=429, headers=sent))
    response = await world.transport.send(world.request)
    ours = [field for field in response.headers if field[0] != b"transfer-encoding"]
    assert response.status == 429
    assert ours == [(b"x-one", b"1"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
    await response.aclose()


async def test_header_gives_the_first_value_or_none(upstream) -> None:
    """A repeated header answers with its first value."""
    world = await upstream(ScriptedAnswer(headers=((b"a", b"1"), (b"A", b"2"))))
    response = await world.transport.send(world.request)
    assert response.header(b"a") == b"1"
    assert response.header(b"missing") is None
    await response.aclose()


class Taker:
    """Takes pieces until it has `most` bytes at once; `open` lets it take again."""

    def __init__(self, most: float = float("inf")) -> None:
        self.pieces: list[bytes] = []
        self._most = most

    def __call__(self, data: bytes) -> bool:
        assert isinstance(data, bytes)
        self.pieces.append(data)
        return len(self.data) < self._most

    @property
    def data(self) -> bytes:
        return b"".join(self.pieces)


async def test_the_pieces_are_the_body_and_never_empty(upstream) -> None:
    """What is taken, joined, is the body; `carry` then says that it has ended."""
    world = await upstream(ScriptedAnswer(chunks=(b"one", b"", b"two", b"x" * 300_000)))
    response = await world.transport.send(world.request)
    taker = Taker()
    assert await response.carry(taker) is True
    assert all(taker.pieces) and taker.data == b"onetwo" + b"x" * 300_000
    assert await response.carry(taker) is True


async def test_a_piece_is_there_before_the_next_was_sent(upstream) -> None:
    """Bytes are handed on as they arrive, not when the body is whole."""
    gate = asyncio.Event()
    world = await upstream(ScriptedAnswer(chunks=(b"first", gate, b"second")))
    response = await world.transport.send(world.request)
    taker = Taker(most=1)
    assert await response.carry(taker) is False
    assert taker.data == b"first"
    gate.set()
    rest = Taker()
    assert await response.carry(rest) is True and rest.data == b"second"


async def test_who_holds_gets_the_rest_later(upstream) -> None:
    """What had arrived meanwhile, the end of the body too, comes with the next call, once and in order."""
    pieces = [b"%d;" % number for number in range(50)]
    world = await upstream(ScriptedAnswer(chunks=pieces))
    response = await world.transport.send(world.request)
    taken: list[bytes] = []
    for _ in range(len(pieces) + 1):
        ended = await response.carry(lambda data: bool(taken.append(data)))
        await asyncio.sleep(0)
        if ended:
            break
    assert ended and b"".join(taken) == b"".join(pieces)


async def test_a_failure_comes_after_what_was_held(upstream) -> None:
    """A body that broke while it was held back still gives what had arrived."""
    world = await upstream(ScriptedAnswer(chunks=(b"one", b"two"), ending="cut"))
    response = await world.transport.send(world.request)
    taker = Taker(most=1)
    assert await response.carry(taker) is False
    await asyncio.sleep(0.02)
    with pytest.raises(UpstreamDisconnected):
        while True:
            await response.carry(taker)
    assert taker.data == b"onetwo"


async def test_what_the_taker_raises_is_raised_and_the_exchange_given_up(upstream) -> None:
    """In the task that carries, not in the event loop; nothing is pushed after it."""
    world = await upstream(ScriptedAnswer(chunks=(b"one", b"two"), ending="silence"))
    response = await world.transport.send(world.request)
    calls = 0

    def broken(_data: bytes) -> bool:
        nonlocal calls
        calls += 1
        raise LookupError("a bug")

    with pytest.raises(LookupError):
        await response.carry(broken)
    assert calls == 1
    assert await world.abandoned()


async def test_cancelling_a_carry_gives_the_exchange_up(upstream) -> None:
    """A cancelled `carry` closes its connection, and its taker hears no more."""
    gate = asyncio.Event()
    world = await upstream(ScriptedAnswer(chunks=(b"a", gate, b"b"), ending="silence"))
    response = await world.transport.send(world.request)
    taker = Taker()
    task = asyncio.create_task(response.carry(taker))
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await world.abandoned()
    gate.set()
    await asyncio.sleep(0.01)
    assert taker.data == b"a"


async def test_closing_what_is_held_gives_the_exchange_up(upstream) -> None:
    """A client that left while it was slow: the rest is never read."""
    world = await upstream(ScriptedAnswer(chunks=(b"a",), ending="silence"))
    response = await world.transport.send(world.request)
    assert await response.carry(Taker(most=1)) is False
    await response.aclose()
    assert await world.abandoned()


async def test_read_gives_the_whole_body(upstream) -> None:
    """`read` joins the body."""
    world = await upstream(ScriptedAnswer(chunks=(b"one", b"two")))
    assert await (await world.transport.send(world.request)).read(6) == b"onetwo"


async def test_read_refuses_a_body_beyond_the_limit(upstream) -> None:
    """One byte more than `limit` is UpstreamMalformed, and the exchange is given up."""
    world = await upstream(ScriptedAnswer(chunks=(b"one", b"two"), ending="silence"))
    with pytest.raises(UpstreamMalformed):
        await (await world.transport.send(world.request)).read(5)
    assert await world.abandoned()


async def test_an_empty_body_has_no_pieces(upstream) -> None:
    """A body without bytes ends at once."""
    world = await upstream(ScriptedAnswer())
    response = await world.transport.send(world.request)
    taker = Taker()
    assert await response.carry(taker) is True
    assert taker.pieces == []


async def test_a_cut_body_raises_after_what_arrived(upstream) -> None:
    """What came before the cut is delivered, then UpstreamDisconnected."""
    gate = asyncio.Event()
    world = await upstream(ScriptedAnswer(chunks=(b"half", gate), ending="cut"))
    response, taker = await world.transport.send(world.request), Taker()
    gate.set()
    with pytest.raises(UpstreamDisconnected) as caught:
        await response.carry(taker)
    assert taker.data == b"half"
    assert caught.value.outcome == "unknown"


async def test_broken_framing_is_malformed(upstream) -> None:
    """A body whose framing breaks off is UpstreamMalformed, not a finished one."""
    world = await upstream(ScriptedAnswer(chunks=(b"half",), ending="garbage"))
    response = await world.transport.send(world.request)
    with pytest.raises(UpstreamMalformed):
        await response.read(100)


async def test_silence_within_the_body_is_an_idle_timeout(upstream) -> None:
    """Nothing for `idle` seconds raises UpstreamTimeout(idle)."""
    world = await upstream(ScriptedAnswer(chunks=(b"half",), ending="silence"))
    response = await world.transport.send(_hurried(world.request, idle=0.05))
    with pytest.raises(UpstreamTimeout) as caught:
        await response.read(100)
    assert caught.value.phase == "idle"


async def test_idle_may_be_longer_than_first_byte(upstream) -> None:
    """The two limits are independent: a pause beyond `first_byte` within the body is no failure."""
    gate = asyncio.Event()
    world = await upstream(ScriptedAnswer(chunks=(b"a", gate, b"b")))
    response = await world.transport.send(_hurried(world.request, first_byte=0.3, idle=30.0))
    asyncio.get_running_loop().call_later(0.4, gate.set)
    assert await response.read(100) == b"ab"


async def test_a_slow_body_runs_into_the_total_timeout(upstream) -> None:
    """`total` ends an exchange that is never idle."""
    world = await upstream(ScriptedAnswer(chunks=(b"half",), ending="silence"))
    response = await world.transport.send(_hurried(world.request, total=0.2))
    with pytest.raises(UpstreamTimeout) as caught:
        await response.read(100)
    assert caught.value.phase == "total"


async def test_no_head_is_a_first_byte_timeout(upstream) -> None:
    """A request that is not answered raises UpstreamTimeout(first_byte); it may have run."""
    world = await upstream(ScriptedAnswer(opening="silence"))
    with pytest.raises(UpstreamTimeout) as caught:
        await world.transport.send(_hurried(world.request, first_byte=0.05))
    assert (caught.value.phase, caught.value.outcome) == ("first_byte", "unknown")


async def test_a_connection_lost_before_the_head_is_disconnected(upstream) -> None:
    """Written, then lost: nobody knows whether it ran."""
    world = await upstream(ScriptedAnswer(opening="loss"))
    with pytest.raises(UpstreamDisconnected) as caught:
        await world.transport.send(world.request)
    assert caught.value.outcome == "unknown"


async def test_an_answer_that_is_not_http_is_malformed(upstream) -> None:
    """Garbage instead of a status line is UpstreamMalformed."""
    world = await upstream(ScriptedAnswer(opening="garbage"))
    with pytest.raises(UpstreamMalformed):
        await world.transport.send(world.request)


async def test_a_redirect_is_an_answer_like_any_other(upstream) -> None:
    """No redirect is followed: the upstream's host comes from configuration only."""
    world = await upstream(ScriptedAnswer(status=307, headers=((b"location", b"http://elsewhere.test/"),)))
    response = await world.transport.send(world.request)
    assert (response.status, response.header(b"location")) == (307, b"http://elsewhere.test/")
    await response.aclose()


@pytest.mark.parametrize("piece", [b"a\r\nb: c", b"a\nb", b"a\rb", b"a\0b"])
async def test_injection_through_a_header_value_is_refused(upstream, piece: bytes) -> None:
    """CR, LF and NUL in a value are refused before anything is sent, and the value is not repeated."""
    world = await upstream(ScriptedAnswer())
    request = replace(world.request, headers=((b"x-note", b"sk-secret" + piece),))
    with pytest.raises(InvalidRequest) as caught:
        await world.transport.send(request)
    assert "sk-secret" not in str(caught.value)


async def test_injection_through_the_target_is_refused(upstream) -> None:
    """A target cannot end the request line."""
    world = await upstream(ScriptedAnswer())
    with pytest.raises(InvalidRequest):
        await world.transport.send(replace(world.request, target="/v1 HTTP/1.1\r\nx: y\r\n\r\n"))


async def test_connecting_is_paid_once(upstream) -> None:
    """`connect_ms` is 0.0 on a connection that was used before."""
    world = await upstream(ScriptedAnswer(chunks=(b"a",)))
    first = await world.transport.send(world.request)
    await first.read(10)
    second = await world.transport.send(world.request)
    await second.read(10)
    assert first.connect_ms > 0.0
    assert second.connect_ms == 0.0


async def test_closing_before_the_end_gives_the_exchange_up(upstream) -> None:
    """`aclose` does not drain: the connection is closed at once, and closing again does nothing."""
    world = await upstream(ScriptedAnswer(chunks=(b"a",), ending="silence"))
    response = await world.transport.send(world.request)
    await response.aclose()
    await response.aclose()
    assert await world.abandoned()


async def test_cancelling_send_gives_the_exchange_up(upstream) -> None:
    """A cancelled `send` closes its connection."""
    world = await upstream(ScriptedAnswer(opening="silence"))
    task = asyncio.create_task(world.transport.send(world.request))
    await world.begun()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await world.abandoned()


async def test_cancelling_a_read_gives_the_exchange_up(upstream) -> None:
    """A cancelled `read` closes its connection."""
    world = await upstream(ScriptedAnswer(chunks=(b"a",), ending="silence"))
    response = await world.transport.send(world.request)
    task = asyncio.create_task(response.read(100))
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await world.abandoned()


async def test_a_response_outlives_its_transport(upstream) -> None:
    """Closing the transport leaves a body that is being read alone."""
    gate = asyncio.Event()
    world = await upstream(ScriptedAnswer(chunks=(b"a", gate, b"b")))
    response = await world.transport.send(world.request)
    await world.transport.aclose()
    gate.set()
    assert await response.read(10) == b"ab"


async def test_a_closed_transport_sends_nothing(upstream) -> None:
    """After `aclose` there is no reaching anything."""
    world = await upstream(ScriptedAnswer())
    await world.transport.aclose()
    with pytest.raises(UpstreamNotReached):
        await world.transport.send(world.request)


@pytest.mark.parametrize("adapter", ADAPTERS)
async def test_a_port_without_a_listener_is_not_reached(adapter: str) -> None:
    """Nothing was sent, and the error says so."""
    async with LoopbackServer(plays(ScriptedAnswer())) as server:
        origin = server.origin
    transport = ADAPTERS[adapter]()
    with pytest.raises(UpstreamNotReached) as caught:
        await transport.send(_request(origin))
    assert caught.value.outcome == "not_sent"
    await transport.aclose()


@pytest.mark.parametrize("adapter", ADAPTERS)
async def test_the_request_goes_out_as_asked(adapter: str) -> None:
    """Request line, host, length, identity encoding, headers and body, and no more than that."""
    async with LoopbackServer(plays(ScriptedAnswer())) as server:
        transport = ADAPTERS[adapter]()
        target = "/v1/models%2Fa%3Ab?alt=sse"
        await (await transport.send(replace(_request(server.origin), target=target))).read(10)
        await transport.aclose()
    head = server.requests[0].head.lower()
    lines = head.rstrip(b"\r\n").split(b"\r\n")
    host = server.origin.removeprefix("http://").encode()
    assert server.requests[0].head.startswith(b"POST /v1/models%2Fa%3Ab?alt=sse HTTP/1.1\r\n")
    assert server.requests[0].body == b'{"model":"m"}'
    assert sorted(lines[1:]) == [
        b"accept-encoding: identity",
        b"authorization: bearer sk-secret",
        b"content-length: 13",
        b"content-type: application/json",
        b"host: " + host,
    ]


@pytest.mark.parametrize("adapter", ADAPTERS)
async def test_an_encoding_that_was_asked_for_is_not_overruled(adapter: str) -> None:
    """`accept-encoding` of the request stands, and the body is passed on undecoded."""
    answer = ScriptedAnswer(headers=((b"content-encoding", b"gzip"),), chunks=(b"not really gzip",))
    async with LoopbackServer(plays(answer)) as server:
        transport = ADAPTERS[adapter]()
        request = replace(_request(server.origin), headers=((b"Accept-Encoding", b"gzip"),))
        assert await (await transport.send(request)).read(100) == b"not really gzip"
        await transport.aclose()
    assert b"accept-encoding: gzip\r\n" in server.requests[0].head.lower()
    assert b"identity" not in server.requests[0].head


@pytest.mark.parametrize("adapter", ADAPTERS)
async def test_a_cookie_is_not_sent_back(adapter: str) -> None:
    """What one tenant's answer sets must not travel with another's request."""
    async with LoopbackServer(plays(ScriptedAnswer(headers=((b"set-cookie", b"a=1"),)))) as server:
        transport = ADAPTERS[adapter]()
        for _ in range(2):
            await (await transport.send(_request(server.origin))).read(10)
        await transport.aclose()
    assert b"cookie" not in server.requests[1].head.lower()
