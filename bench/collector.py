"""The stand-in for every service that is told or asked: `python -m bench.collector` takes all posts.

It reads the body, keeps nothing and answers at once as that service would, so that what is measured is the
sender. Its own figure, how many posts it has taken, is the answer to a GET.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import httptools
import uvloop


def _answer(status: bytes, content_type: bytes, body: bytes) -> bytes:
    head = b"HTTP/1.1 %b\r\ncontent-type: %b\r\ncontent-length: %d\r\n\r\n"
    return head % (status, content_type, len(body)) + body


_RUVECTOR = _answer(b"201 Created", b"application/json", b'{"status":"accepted"}')
_OTLP = _answer(b"200 OK", b"application/x-protobuf", b"")
_POLICY = _answer(b"200 OK", b"application/json", b'{"success":true,"data":{"allowed":true}}')
_SHIELD = _answer(b"200 OK", b"application/json", b'{"isValid":true}')
_OTHERS = _answer(b"200 OK", b"application/json", b'{"success":true}')
_BY_PATH = {
    b"/events/decisions": _RUVECTOR,
    b"/v1/policy-engine/enforce": _POLICY,
    b"/v1/scan/prompt": _SHIELD,
    b"/v1/traces": _OTLP,
}


class Collector(asyncio.Protocol):
    taken = 0

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._parser = httptools.HttpRequestParser(self)
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self._url = url

    def on_message_complete(self) -> None:
        if self._parser.get_method() == b"GET":
            self._transport.write(_answer(b"200 OK", b"text/plain", b"%d" % Collector.taken))
            return
        Collector.taken += 1
        self._transport.write(_BY_PATH.get(self._url, _OTHERS))


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Collector, "127.0.0.1", 0, backlog=2048)
    print(f"listens on http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
