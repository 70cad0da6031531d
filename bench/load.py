"""The load generator: connections that ask again as soon as they are answered, each answer checked."""

from __future__ import annotations

import asyncio
import socket
import time
from dataclasses import dataclass, field
from typing import Any

import httptools

from bench.upstream import COMPLETION, EVENTS_AROUND, SAID

CLIENT_KEY = "bench-client-key"


def plain_request(padding: int = 0, model: str = "instant") -> bytes:
    """A chat request of about 200 bytes plus `padding`."""
    return _request(b"Say something." + b"x" * padding, b"", model.encode())


def stream_request(words: int, pace_ms: int) -> bytes:
    return _request(b"events=%d pace_ms=%d" % (words, pace_ms), b',"stream":true')


def _request(prompt: bytes, more: bytes, model: bytes = b"instant") -> bytes:
    body = (
        b'{"model":"%b","temperature":0.7,"max_tokens":256,"messages":['
        b'{"role":"system","content":"You are a helpful assistant."},'
        b'{"role":"user","content":"%b"}]%b}' % (model, prompt, more)
    )
    return (
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n"
        b"authorization: Bearer %b\r\ncontent-length: %d\r\n\r\n%b" % (CLIENT_KEY.encode(), len(body), body)
    )


@dataclass(slots=True)
class Tally:
    """What the connections of one round have seen. `latencies` and `gaps` in seconds."""

    answers: int = 0
    events: int = 0
    wrong: int = 0
    latencies: list[float] = field(default_factory=list)
    first_bytes: list[float] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)


class Client(asyncio.Protocol):
    """One connection that sends `request` until `over` is set. A stream is checked by its events' number."""

    def __init__(
        self,
        request: bytes,
        tally: Tally,
        words: int | None,
        *,
        rewritten: bool = False,
        pause_s: float = 0.0,
    ) -> None:
        self._request = request
        self._tally = tally
        self._words = words
        self._rewritten = rewritten
        self._pause_s = pause_s
        self._over = False
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def stop(self) -> None:
        """After the answer that is under way."""
        self._over = True

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self._tally.wrong += 1
            self.done.set_result(None)

    def _ask(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []
        self._events = 0
        self._newline = False
        self._last_event = 0.0
        self._sent = time.perf_counter()
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, data: bytes) -> None:
        if self._words is None:
            self._body.append(data)
            return
        # An event ends with an empty line, which two pieces may share.
        found = data.count(b"\n\n") + (self._newline and data[:1] == b"\n")
        self._newline = data[-1:] == b"\n" and data[-2:] != b"\n\n"
        if found:
            now = time.perf_counter()
            if self._events:
                self._tally.gaps.append(now - self._last_event)
            else:
                self._tally.first_bytes.append(now - self._sent)
            self._last_event = now
            self._events += found
            self._tally.events += found

    def on_message_complete(self) -> None:
        tally = self._tally
        tally.answers += 1
        tally.latencies.append(time.perf_counter() - self._sent)
        if self._words is None:
            body = b"".join(self._body)
            right = SAID in body if self._rewritten else body == COMPLETION
        else:
            right = self._events == self._words + EVENTS_AROUND
        if self._parser.get_status_code() != 200 or not right:
            tally.wrong += 1
        if self._over:
            self.done.set_result(None)
            self._transport.close()
        else:
            # Not from inside the parser's callback, which still holds the old parser.
            asyncio.get_running_loop().call_later(self._pause_s, self._ask)


async def load(
    port: int,
    request: bytes,
    *,
    connections: int,
    seconds: float,
    words: int | None = None,
    rewritten: bool = False,
    pause_s: float = 0.0,
) -> Tally:
    """Closed loop for `seconds`, each `pause_s` after its answer; connections then end what they have begun.

    Raises RuntimeError when an answer was wrong or nothing was answered: its figures would mean nothing.
    """
    tally = Tally()
    loop = asyncio.get_running_loop()

    def client() -> Client:
        return Client(request, tally, words, rewritten=rewritten, pause_s=pause_s)

    clients = [(await loop.create_connection(client, "127.0.0.1", port))[1] for _ in range(connections)]
    await asyncio.sleep(seconds)
    for client in clients:
        client.stop()
    await asyncio.wait_for(asyncio.gather(*(client.done for client in clients)), 60 + seconds)
    if tally.wrong or not tally.answers:
        raise RuntimeError(f"{tally.wrong} of {tally.answers} answers were wrong")
    return tally
