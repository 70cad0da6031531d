"""One suite for every AnswerChannel: the two on real sockets, and the fake."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol

import pytest
import uvicorn
from uvicorn.server import ServerState

from llm_gateway.application.drill_case import ClientView
from llm_gateway.application.ports.answer_channel import AnswerChannel, Ending
from llm_gateway.entrypoints.drill.raw_client import RawExchange
from llm_gateway.entrypoints.http.inference.asgi_channel import AsgiChannel
from llm_gateway.entrypoints.http.inference.protocol_channel import ProtocolChannel
from llm_gateway.entrypoints.http.inference.request_body import Receive, Scope, Send, read_body
from llm_gateway.entrypoints.http.protocol import EXTENSION, GatewayProtocol
from tests.fakes.answer_channel import FakeAnswerChannel

PIECE = b"data: " + b"x" * (64 * 1024) + b"\n\n"
PIECES = 400


class WatchedChannel(AnswerChannel, Protocol):
    def watch(self, task: asyncio.Task[Any]) -> None: ...


Scenario = Callable[[WatchedChannel], Awaitable[None]]


class Client(Protocol):
    """Its side of one request."""

    async def until(self, mark: bytes) -> None: ...

    async def finish(self) -> ClientView: ...

    def leave(self) -> None: ...


class SocketClient:
    def __init__(self, exchange: RawExchange) -> None:
        self._exchange = exchange
        self.until = exchange.until
        self.finish = exchange.finish

    def leave(self) -> None:
        self._exchange.abort()


class FakeClient:
    """Reads nothing until it is asked to."""

    def __init__(self, channel: FakeAnswerChannel, work: asyncio.Task[None]) -> None:
        self._channel = channel
        self._work = work
        self.leave = channel.leave

    async def until(self, mark: bytes) -> None:
        self._channel.taking.set()
        while mark not in b"".join(self._channel.writes):  # noqa: ASYNC110 - a fake, not a condition to signal
            await asyncio.sleep(0)
        self._channel.taking.clear()

    async def finish(self) -> ClientView:
        self._channel.taking.set()
        await self._work
        return self._channel.view()


@asynccontextmanager
async def fake(scenario: Scenario) -> AsyncIterator[Client]:
    channel = FakeAnswerChannel()
    channel.taking.clear()
    work = asyncio.create_task(_carried_out(scenario, channel))
    yield FakeClient(channel, work)
    work.cancel()
    await asyncio.wait([work])


def sockets(open_channel: Callable[[Scope, Receive, Send], WatchedChannel]) -> Any:
    @asynccontextmanager
    async def scene(scenario: Scenario) -> AsyncIterator[Client]:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await read_body(receive, None, 1 << 20)
            await _carried_out(scenario, open_channel(scope, receive, send))

        config = uvicorn.Config(app, lifespan="off", log_config=None, server_header=False)  # type: ignore[arg-type]
        config.load()
        state = ServerState()
        server = await asyncio.get_running_loop().create_server(
            lambda: GatewayProtocol(config=config, server_state=state, app_state={}), "127.0.0.1", 0
        )
        port = server.sockets[0].getsockname()[1]
        async with RawExchange(f"http://127.0.0.1:{port}", {}) as exchange:
            yield SocketClient(exchange)
        server.close()
        for connection in list(state.connections):
            connection.transport.abort()
        for task in list(state.tasks):
            task.cancel()
        await asyncio.gather(*state.tasks, return_exceptions=True)
        await asyncio.sleep(0)

    return scene


async def _carried_out(scenario: Scenario, channel: WatchedChannel) -> None:
    """Whoever serves a channel takes the cancellation of a client that left for the end of its request."""
    try:
        await scenario(channel)
    except asyncio.CancelledError:
        if not channel.gone:
            raise


def protocol_channel(scope: Scope, receive: Receive, send: Send) -> WatchedChannel:
    return ProtocolChannel(scope["extensions"][EXTENSION], send.__self__)  # type: ignore[attr-defined]


async def put(channel: AnswerChannel, data: bytes) -> None:
    """Write, and wait as long as the client is slow."""
    if not channel.write(data):
        await channel.drained()


SCENES = {
    "protocol": sockets(protocol_channel),
    "asgi": sockets(lambda _, *both: AsgiChannel(*both)),
    "fake": fake,
}
Scene = Callable[[Scenario], Any]


@pytest.fixture(params=SCENES)
def scene(request: pytest.FixtureRequest) -> Scene:
    found: Scene = SCENES[request.param]
    return found


async def test_an_answer_arrives_whole(scene: Scene) -> None:
    """Status, headers and body."""

    async def scenario(channel: WatchedChannel) -> None:
        assert not channel.begun
        await channel.answer(418, [(b"x-one", b"1"), (b"content-type", b"application/json")], b'{"a":1}')
        assert channel.begun

    async with scene(scenario) as client:
        view = await client.finish()
    assert (view.status, view.body, view.complete) == (418, b'{"a":1}', True)
    assert view.headers["x-one"] == "1"


async def test_a_stream_that_ends(scene: Scene) -> None:
    """As an event stream, in the order written, properly ended."""

    async def scenario(channel: WatchedChannel) -> None:
        await channel.begin([(b"x-one", b"1")])
        assert channel.begun
        await put(channel, b"data: 1\n\n")
        await channel.end("complete", b"data: [DONE]\n\n")

    async with scene(scenario) as client:
        view = await client.finish()
    assert view.complete and view.payloads() == ["1", "[DONE]"]
    assert view.headers["content-type"].startswith("text/event-stream") and view.headers["x-one"] == "1"


async def test_a_stream_that_is_aborted(scene: Scene) -> None:
    """What was written arrives, the last words too; the end of the body does not."""

    async def scenario(channel: WatchedChannel) -> None:
        await channel.begin([])
        channel.write(b"data: 1\n\n")
        await channel.end("cut", b"data: 2\n\n")

    async with scene(scenario) as client:
        view = await client.finish()
    assert not view.complete and view.payloads() == ["1", "2"]


@pytest.mark.parametrize("ending", ["complete", "cut"])
async def test_an_end_without_last_words(scene: Scene, ending: Ending) -> None:
    """What was written and not yet taken still arrives."""

    async def scenario(channel: WatchedChannel) -> None:
        await channel.begin([])
        channel.write(b"data: 1\n\n")
        await channel.end(ending)

    async with scene(scenario) as client:
        view = await client.finish()
    assert view.complete is (ending == "complete") and view.payloads() == ["1"]


async def test_a_stream_that_says_all_at_once(scene: Scene) -> None:
    """Head, events and end without a pause between them."""

    async def scenario(channel: WatchedChannel) -> None:
        await channel.begin([(b"x-one", b"1")])
        await channel.end("complete", b"data: 1\n\n")

    async with scene(scenario) as client:
        view = await client.finish()
    assert view.complete and view.payloads() == ["1"] and view.headers["x-one"] == "1"


async def test_events_are_written_from_a_callback(scene: Scene) -> None:
    """Whoever reads the upstream writes, without a task; what was refused more is not lost."""
    written = asyncio.Event()

    async def scenario(channel: WatchedChannel) -> None:
        await channel.begin([])
        loop = asyncio.get_running_loop()
        for number in range(3):
            loop.call_soon(channel.write, b"data: %d\n\n" % number)
        loop.call_soon(written.set)
        await written.wait()
        await channel.drained()
        await channel.end("complete")

    async with scene(scenario) as client:
        assert (await client.finish()).payloads() == ["0", "1", "2"]


async def test_events_arrive_one_by_one(scene: Scene) -> None:
    """The first is there before the second is written."""
    read = asyncio.Event()

    async def scenario(channel: WatchedChannel) -> None:
        await channel.begin([])
        await put(channel, b"data: 1\n\n")
        await read.wait()
        await put(channel, b"data: 2\n\n")
        await channel.end("complete")

    async with scene(scenario) as client:
        await client.until(b"data: 1\n\n")
        read.set()
        assert (await client.finish()).payloads() == ["1", "2"]


async def test_a_slow_client_slows_the_writer(scene: Scene) -> None:
    """`drained` does not return while the client takes nothing; in the end everything arrives."""
    written = 0

    async def scenario(channel: WatchedChannel) -> None:
        nonlocal written
        await channel.begin([])
        for _ in range(PIECES):
            await put(channel, PIECE)
            written += 1
        await channel.end("complete")

    async with scene(scenario) as client:
        await client.until(b"data: ")
        seen = -1
        while seen != written:
            seen = written
            await asyncio.sleep(0.05)
        assert written < PIECES
        assert len((await client.finish()).payloads()) == PIECES


async def test_a_client_that_leaves_cancels_who_watches(scene: Scene) -> None:
    """`gone` is true by then, and what is still written is dropped without an error."""
    noticed = asyncio.Event()

    async def scenario(channel: WatchedChannel) -> None:
        task = asyncio.current_task()
        assert task is not None
        channel.watch(task)
        try:
            await channel.begin([])
            await put(channel, b"data: 1\n\n")
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            assert channel.gone
            await put(channel, b"data: 2\n\n")
            await channel.end("complete")
            noticed.set()
            raise

    async with scene(scenario) as client:
        await client.until(b"data: 1\n\n")
        client.leave()
        await noticed.wait()
