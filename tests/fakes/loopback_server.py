"""LoopbackServer: an upstream on a real socket that does exactly what a test tells it to."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self

from tests.fakes.upstream_transport import ScriptedAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request as it came in. `head` holds the request line and fields, `connection` counts from 1."""

    head: bytes
    body: bytes
    connection: int


class Peer:
    """What a handler writes to."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer

    async def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()

    async def drip(self, data: bytes) -> None:
        """One byte a loop turn or so, each in its own segment."""
        for position in range(len(data)):
            await self.send(data[position : position + 1])
            await asyncio.sleep(0)

    def cut(self) -> None:
        self.writer.close()

    def reset(self) -> None:
        self.writer.transport.abort()


Handler = Callable[[Received, Peer], Awaitable[None]]


class _Reader(asyncio.StreamReader):
    """A reader that tells when its client has gone, without taking a byte."""

    def __init__(self) -> None:
        super().__init__(loop=asyncio.get_running_loop())
        self.gone = asyncio.Event()

    def feed_eof(self) -> None:
        super().feed_eof()
        self.gone.set()

    def set_exception(self, exc: BaseException) -> None:
        super().set_exception(exc)
        self.gone.set()


class LoopbackServer:
    """Runs `handler` for each request. Counts what a test wants to know of connections.

    `connections` were accepted, `open` are open now, `requests` came in whole, `abandoned` is how many
    handlers were still at work when their client went away. With `reads_bodies` False the handler runs after
    the head, and the body is left in the socket.
    """

    def __init__(
        self,
        handler: Handler,
        *,
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
        reads_bodies: bool = True,
    ) -> None:
        self._handler = handler
        self._tls = tls
        self._host = host
        self._reads_bodies = reads_bodies
        self._tasks: set[asyncio.Task[None]] = set()
        self.connections = 0
        self.open = 0
        self.most_open = 0
        self.abandoned = 0
        self.requests: list[Received] = []
        self.origin = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.get_running_loop().create_server(
            lambda: asyncio.StreamReaderProtocol(_Reader(), self._serve),
            self._host,
            0,
            ssl=self._tls,
            backlog=512,
        )
        port = self._server.sockets[0].getsockname()[1]
        self.origin = f"{'https' if self._tls else 'http'}://{self._host}:{port}"
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that this server counts."""
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110 - conditions are plain reads of counters
                await asyncio.sleep(0.001)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        number = self.connections
        try:
            while await self._exchange(reader, writer, number):
                pass
        except (ConnectionError, ssl.SSLError, asyncio.CancelledError):
            pass
        finally:
            self.open -= 1
            self._tasks.discard(task)
            writer.transport.abort()

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> bool:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            body = await reader.readexactly(_content_length(head) if self._reads_bodies else 0)
        except asyncio.IncompleteReadError:
            return False
        received = Received(head=head, body=body, connection=number)
        self.requests.append(received)
        work = asyncio.ensure_future(self._handler(received, Peer(writer)))
        assert isinstance(reader, _Reader)
        gone = asyncio.ensure_future(reader.gone.wait())
        try:
            await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                self.abandoned += 1
                return False
            work.result()
            return not writer.transport.is_closing() and not gone.done()
        finally:
            work.cancel()
            gone.cancel()
            await asyncio.gather(work, gone, return_exceptions=True)


def plays(*answers: ScriptedAnswer) -> Handler:
    """A handler that gives these answers in order, the last one again and again, in chunked framing."""
    remaining = list(answers)

    async def handler(_request: Received, peer: Peer) -> None:
        await _play(remaining.pop(0) if len(remaining) > 1 else remaining[0], peer)

    return handler


async def _play(answer: ScriptedAnswer, peer: Peer) -> None:
    match answer.opening:
        case "silence":
            await asyncio.Event().wait()
        case "loss":
            peer.cut()
            return
        case "garbage":
            await peer.send(b"this is not HTTP\r\n\r\n")
            return
        case "head":
            pass
    fields = b"".join(b"%b: %b\r\n" % field for field in answer.headers)
    await peer.send(
        b"HTTP/1.1 %d Status\r\n" % answer.status + fields + b"Transfer-Encoding: chunked\r\n\r\n"
    )
    for chunk in answer.chunks:
        if isinstance(chunk, asyncio.Event):
            await chunk.wait()
        elif chunk:
            await peer.send(b"%x\r\n%b\r\n" % (len(chunk), chunk))
    match answer.ending:
        case "silence":
            await asyncio.Event().wait()
        case "cut":
            peer.cut()
        case "garbage":
            await peer.send(b"not a chunk size\r\n")
        case "complete":
            await peer.send(b"0\r\n\r\n")


def _content_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0
