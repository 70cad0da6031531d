"""PeerService: LLM-Observatory and LLM-CostOps on one real socket, as contracts.md §4 and §5 have them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from tests.fakes.loopback_server import LoopbackServer, Peer, Received

INGEST = "/api/v1/telemetry/ingest"
ATTRIBUTION = "/api/v1/attribution"
MOST_SPANS = 100


class PeerService:
    """`mode` is how it behaves:

    up       as it should; `most_spans` is what it takes in one call
    lies     says so, and keeps nothing
    silent   takes a request and never answers it
    garbage  answers something that is not HTTP
    cut      answers 200 and breaks off within the body, having kept what it got
    <digits> answers that status and keeps nothing

    `ingest` is the path that spans are taken at. With `gate` set, no answer goes out before that event is
    set; `waiting` counts those that are held back and `most_waiting` was the most of them.
    """

    def __init__(self) -> None:
        self.mode = "up"
        self.ingest = INGEST
        self.most_spans = MOST_SPANS
        self.spans: list[dict[str, Any]] = []
        self.attributions: list[dict[str, Any]] = []
        self.calls: list[tuple[str, int]] = []
        self.gate: asyncio.Event | None = None
        self.waiting = 0
        self.most_waiting = 0

    def server(self) -> LoopbackServer:
        return LoopbackServer(self.handle)

    async def handle(self, received: Received, peer: Peer) -> None:
        path = received.head.split(b" ", 2)[1].decode()
        if self.gate is not None:
            self.waiting += 1
            self.most_waiting = max(self.most_waiting, self.waiting)
            await self.gate.wait()
            self.waiting -= 1
        if self.mode == "silent":
            await asyncio.Event().wait()
        if self.mode == "garbage":
            await peer.send(b"\x16\x03\x01 not HTTP\r\n\r\n")
            return
        status, answer = self._answer(path, received.body)
        self.calls.append((path, status))
        body = json.dumps(answer).encode()
        length = len(body) * (2 if self.mode == "cut" else 1)
        await peer.send(
            b"HTTP/1.1 %d X\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
            % (status, length)
            + body
        )
        if self.mode == "cut":
            peer.cut()

    def _answer(self, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        if self.mode.isdigit():
            return int(self.mode), {"error": "as told"}
        try:
            document = json.loads(body)
        except ValueError:
            return 500, {"error": "unexpected token"}
        if path not in (self.ingest, ATTRIBUTION):
            return 404, {"error": "not found"}
        if self.mode == "lies":
            return 200, {"success": True}
        if path == ATTRIBUTION:
            return self._attribute(document)
        return self._ingest(document if isinstance(document, list) else [document])

    def _ingest(self, spans: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
        if len(spans) > self.most_spans:
            return 413, {"error": "too many"}
        if any("poison" in json.dumps(span) for span in spans):
            return 400, {"error": "poison"}
        self.spans += spans
        return 200, {"success": True, "ingested": len(spans)}

    def _attribute(self, record: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if not {"provider", "model", "input_tokens", "output_tokens"} <= record.keys():
            return 400, {"error": "missing fields"}
        self.attributions.append(record)
        return 200, {"success": True, "event_id": str(len(self.attributions))}
