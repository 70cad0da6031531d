"""A stand-in for ruvector-service and LLM-Observatory: answers as they do, and keeps in memory what it gets.

`python ruvector_stand_in.py [PORT]`. `GET /events` shows the decision events that arrived, `GET /spans` the
telemetry. For trials and tests only.
"""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

REQUIRED = ("type", "runId", "timestamp")


class Events:
    """What has arrived, in order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: list[dict[str, Any]] = []

    def add(self, event: dict[str, Any]) -> str:
        with self._lock:
            self._all.append(event)
            return f"event-{len(self._all)}"

    def all(self) -> list[dict[str, Any]]:
        with self._lock:
            return list(self._all)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    events = Events()
    spans = Events()

    def do_GET(self) -> None:
        if self.path in ("/health", "/ready"):
            self._answer(200, {"status": "ok"})
        elif self.path == "/events":
            self._answer(200, self.events.all())
        elif self.path == "/spans":
            self._answer(200, self.spans.all())
        else:
            self._answer(404, {"error": "not_found"})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        try:
            document = json.loads(body)
        except ValueError:
            document = None
        if self.path == "/events/decisions":
            self._take_event(document)
        elif self.path == "/v1/telemetry":
            self._take_spans(document)
        else:
            self._answer(404, {"error": "not_found"})

    def _take_event(self, event: Any) -> None:
        if not isinstance(event, dict) or not all(event.get(name) for name in REQUIRED):
            self._answer(400, {"error": "validation_error"})
        else:
            self._answer(201, {"status": "accepted", "eventId": self.events.add(event)})

    def _take_spans(self, spans: Any) -> None:
        if not isinstance(spans, list):
            self._answer(500, {"error": "internal_error"})
            return
        for span in spans:
            self.spans.add(span)
        self._answer(200, {"success": True})

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: `/events` shows what arrived."""

    def _answer(self, status: int, document: object) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    server = ThreadingHTTPServer(("", port), Handler)
    print(f"ruvector stand-in listens on port {server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
