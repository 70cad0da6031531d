"""RuvectorStandIn: ruvector-service as it was observed (contracts.md §3), in a process of its own.

Run as `python ruvector_stand_in.py <port> <store>`: 0 takes any port; accepted events are appended to the
store, one JSON line each in the order in which they were stored, so that they outlive a restart. It keeps
what is handed to it twice: the real service knows no idempotency either.

`PUT /stand-in` with a JSON object changes how it behaves:
    mode      "up", "unavailable" (503), "broken" (500 to everything), "slow" (stores, but answers too late)
    poison    a text: bodies that hold it get 500, as any other record that its database cannot take
    refuse    a text: bodies that hold it get 400
    delay     seconds that a slow answer takes
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

_MOST_BYTES = 10_000_000
_MOST_TYPE_CHARACTERS = 100


class StandIn:
    def __init__(self, store: Path) -> None:
        self._store = store.open("ab", buffering=0)
        self.behaviour: dict[str, Any] = {"mode": "up", "poison": "", "refuse": "", "delay": 30.0}
        self.posts = 0
        self.authorization = ""
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                method, path, headers = _head(head)
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                status, answer = await self._answer(method, path, headers, body)
                content = json.dumps(answer).encode()
                writer.write(
                    f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n"
                    f"content-length: {len(content)}\r\n\r\n".encode()
                    + content
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, Any]]:
        if path == "/stand-in":
            self.behaviour.update(json.loads(body or b"{}"))
            seen = {"posts": self.posts, "authorization": self.authorization}
            return 200, {**seen, "connections": self.connections}
        mode = self.behaviour["mode"]
        if path in ("/health", "/ready"):
            return (200 if mode == "up" else 503), {"status": mode}
        if (method, path) != ("POST", "/events/decisions"):
            return 404, {"error": "Not Found"}
        self.posts += 1
        self.authorization = headers.get("authorization", "")
        if mode == "unavailable":
            return 503, {"error": "Database unavailable"}
        if mode == "broken":
            return 500, {"error": "Internal server error"}
        status, answer = self._store_event(headers, body)
        if mode == "slow":
            await asyncio.sleep(self.behaviour["delay"])
        return status, answer

    def _store_event(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        if not headers.get("content-type", "").startswith("application/json"):
            return 400, {"error": "Missing required fields: type, runId, timestamp"}
        if len(body) > _MOST_BYTES:
            return 500, {"error": "request entity too large"}
        try:
            event = json.loads(body, parse_constant=_no_constant)
        except ValueError:
            return 500, {"error": "Internal server error"}
        if not all(event.get(name) for name in ("type", "runId", "timestamp")):
            return 400, {"error": "Missing required fields: type, runId, timestamp"}
        if self.behaviour["refuse"] and self.behaviour["refuse"].encode() in body:
            return 400, {"error": "Missing required fields: type, runId, timestamp"}
        if self._chokes_on(event, body):
            return 500, {"error": "Internal server error"}
        self._store.write(json.dumps(event).encode() + b"\n")
        return 201, {"status": "accepted", "eventId": event["runId"]}

    def _chokes_on(self, event: dict[str, Any], body: bytes) -> bool:
        """What PostgreSQL refuses: a bad date, NUL and lone surrogates in text, a type over 100 letters."""
        if len(event["type"]) > _MOST_TYPE_CHARACTERS:
            return True
        try:
            datetime.fromisoformat(event["timestamp"])
            json.dumps(event, ensure_ascii=False).encode()
        except ValueError:
            return True
        poison = self.behaviour["poison"]
        return "\\u0000" in json.dumps(event) or bool(poison and poison.encode() in body)


def _head(head: bytes) -> tuple[str, str, dict[str, str]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    fields = (line.partition(":") for line in lines if line)
    return method, path, {name.lower(): value.strip() for name, _, value in fields}


def _no_constant(name: str) -> Any:
    raise ValueError(name)


async def main(port: int, store: Path) -> None:
    server = await asyncio.start_server(StandIn(store).serve, "127.0.0.1", port, limit=2**24)
    print(f"stand-in listens on http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2])))
