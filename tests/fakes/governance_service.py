"""GovernanceService: the platform's intake of compliance events on a real socket and a thread of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATH = "/api/observations"


class GovernanceService:
    """`mode` is how it behaves:

    up       answers 202 and keeps the event
    garbage  answers something that is not HTTP
    silent   takes a request and answers it only when `released` is set, having kept nothing
    <digits> answers that status and keeps nothing
    """

    def __init__(self) -> None:
        self.mode = "up"
        self.events: list[dict[str, Any]] = []
        self.calls = 0
        self.released = threading.Event()
        self.url = ""

    def answer(self, path: str, body: bytes) -> tuple[int, dict[str, Any]] | None:
        self.calls += 1
        if self.mode == "silent":
            self.released.wait()
            return 503, {}
        if self.mode == "garbage":
            return None
        if self.mode != "up" or path != PATH:
            return (int(self.mode) if self.mode.isdigit() else 404), {"error": "as told"}
        event = json.loads(body)
        self.events.append(event)
        return 202, {"status": "accepted", "execution_id": event["execution_id"]}

    def payloads(self, action: str | None = None) -> list[dict[str, Any]]:
        """In the order in which they came."""
        payloads = [event["payload"] for event in list(self.events)]
        return [payload for payload in payloads if action in (None, payload["action"])]


@contextmanager
def running_governance() -> Iterator[GovernanceService]:
    service = GovernanceService()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            answer = service.answer(self.path, self.rfile.read(int(self.headers["content-length"])))
            if answer is None:
                self.wfile.write(b"\x16\x03\x01 not HTTP\r\n\r\n")
                self.close_connection = True
                return
            content = json.dumps(answer[1]).encode()
            self.send_response(answer[0])
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    service.url = f"http://127.0.0.1:{server.server_port}{PATH}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield service
    finally:
        service.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
