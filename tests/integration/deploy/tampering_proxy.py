"""TamperingProxy: stands before a real gateway and spoils the answer of one path."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

Spoil = Callable[[int, bytes], tuple[int, bytes]]


def edited(edit: Callable[[Any], object]) -> Spoil:
    """The JSON answer after `edit` has changed it."""

    def spoil(status: int, body: bytes) -> tuple[int, bytes]:
        document = json.loads(body)
        edit(document)
        return status, json.dumps(document).encode()

    return spoil


def replaced(status: int, body: bytes) -> Spoil:
    return lambda *_: (status, body)


@contextmanager
def tampering_proxy(url: str, spoiled: dict[str, Spoil]) -> Iterator[str]:
    """The address of a proxy to `url`; what has the path (without query) in `spoiled` comes back spoiled."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {
                name: value
                for name in ("authorization", "content-type")
                if (value := self.headers.get(name)) is not None
            }
            answer = httpx.request(
                self.command, f"{url}{self.path}", content=body, headers=headers, trust_env=False
            )
            status, content = answer.status_code, answer.content
            spoil = spoiled.get(self.path.partition("?")[0].rsplit("/decisions/")[0])
            if spoil is not None:
                status, content = spoil(status, content)
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with served(Handler) as proxy:
        yield proxy


@contextmanager
def served(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The address of a server with this handler."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
