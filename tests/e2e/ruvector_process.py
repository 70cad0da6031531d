"""RuvectorProcess: the stand-in for ruvector-service, to be started, stopped and asked what it holds."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from typing import Any

import httpx

from tests.e2e import ruvector_stand_in
from tests.e2e.child import Child


class RuvectorProcess:
    """`url` stays the same over `stop` and `start`; while it is stopped connections are refused."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._store = directory / "events.jsonl"
        directory.mkdir(parents=True, exist_ok=True)
        self._store.touch()
        self._child: Child | None = None
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            self._port = taken.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"

    def start(self) -> RuvectorProcess:
        command = (sys.executable, ruvector_stand_in.__file__, str(self._port), str(self._store))
        self._child = Child(command, self._directory, {})
        self._child.until_printed("listens on")
        return self

    def stop(self) -> None:
        if self._child is not None:
            self._child.process.kill()
            self._child.process.wait()
            self._child = None

    def behave(self, **behaviour: Any) -> dict[str, Any]:
        """Changes what is given; returns its figures."""
        answer = httpx.put(f"{self.url}/stand-in", json=behaviour, trust_env=False)
        figures: dict[str, Any] = answer.json()
        return figures

    def events(self) -> list[dict[str, Any]]:
        """Bodies in the order stored."""
        return [json.loads(line) for line in self._store.read_text().splitlines()]

    def count(self) -> int:
        """How many events are stored, without reading them."""
        return self._store.read_bytes().count(b"\n")

    def payloads(self) -> list[dict[str, Any]]:
        return [event["payload"] for event in self.events()]
