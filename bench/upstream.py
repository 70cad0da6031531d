"""The instant upstream of the benchmarks: `python -m bench.upstream` answers any chat request at once.

A plain request gets one fixed completion. A streamed one gets as many content events as its prompt says
(`events=200 pace_ms=5`), each in a write of its own, one every `pace_ms`, or all at once for 0. The model
`failing` is answered with 500 and with a closed connection in turn.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
from typing import Any

import httptools
import uvloop

_MODEL = "instant"
_PROMPT = re.compile(rb"events=(\d+) pace_ms=(\d+)")
_USAGE = {"prompt_tokens": 9, "completion_tokens": 12, "total_tokens": 21}
_TEXT = "All work and no play makes Jack a dull boy. " * 2
_NAMES = {"id": "chatcmpl-bench", "created": 1_700_000_000, "model": _MODEL}


def _completion() -> bytes:
    message = {"role": "assistant", "content": _TEXT}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    document = {**_NAMES, "object": "chat.completion", "choices": [choice], "usage": _USAGE}
    return json.dumps(document, separators=(",", ":")).encode()


def _event(delta: dict[str, str], finish: str | None = None, **more: object) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    document = {**_NAMES, "object": "chat.completion.chunk", "choices": [choice], **more}
    return b"data: " + json.dumps(document, separators=(",", ":")).encode() + b"\n\n"


COMPLETION = _completion()
SAID = _TEXT.encode()
FIRST = _event({"role": "assistant", "content": ""})
WORD = _event({"content": " word"})
LAST = _event({}, "stop", usage=_USAGE) + b"data: [DONE]\n\n"
# Beside the words: the first event, the one with the finish reason, and [DONE].
EVENTS_AROUND = 3


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


_PLAIN = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (
    len(COMPLETION),
    COMPLETION,
)
_FAILURE = b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n"
_BEGIN = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n"
)
_WORD_CHUNK = _chunk(WORD)


class Upstream(asyncio.Protocol):
    failed = 0

    def __init__(self) -> None:
        self._parser = httptools.HttpRequestParser(self)
        self._body: list[bytes] = []
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, data: bytes) -> None:
        self._body.append(data)

    def on_message_complete(self) -> None:
        body = b"".join(self._body)
        self._body.clear()
        if b'"model":"failing"' in body[:200]:
            self._fail()
            return
        # Near the end: some gateways write the request anew and add members behind it.
        if b'"stream":true' not in body[-2000:]:
            self._transport.write(_PLAIN)
            return
        match = _PROMPT.search(body)
        words, pace = (int(match[1]), int(match[2]) / 1000) if match else (10, 0.0)
        self._transport.write(_BEGIN + _chunk(FIRST))
        self._due = asyncio.get_running_loop().time()
        self._word(words, pace)

    def _fail(self) -> None:
        Upstream.failed += 1
        if Upstream.failed % 2:
            self._transport.write(_FAILURE)
        else:
            self._transport.close()

    def _word(self, left: int, pace: float) -> None:
        """Due times are counted from the stream's beginning, so that a late word does not delay the rest."""
        loop = asyncio.get_running_loop()
        while left:
            self._due += pace
            if pace and self._due > loop.time():
                self._timer = loop.call_at(self._due, self._late_word, left, pace)
                return
            self._transport.write(_WORD_CHUNK)
            left -= 1
        self._transport.write(_chunk(LAST) + b"0\r\n\r\n")

    def _late_word(self, left: int, pace: float) -> None:
        self._transport.write(_WORD_CHUNK)
        self._word(left - 1, pace)


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Upstream, "127.0.0.1", 0, backlog=2048)
    print(f"listens on http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
