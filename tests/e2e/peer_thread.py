"""PeerThread: the telemetry peers' stand-in on a thread of its own, for tests that do not run in a loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.fakes.peer_service import PeerService


class PeerThread:
    """`service` may be read at any time, and set: its attributes are looked at once per call."""

    def __init__(self) -> None:
        self.service = PeerService()
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._done = asyncio.Event()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))

    async def _serve(self) -> None:
        async with self.service.server() as server:
            self.url = server.origin
            self._listening.set()
            await self._done.wait()

    def start(self) -> None:
        self._thread.start()
        self._listening.wait()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._done.set)
        self._thread.join()
        self._loop.close()


@contextmanager
def running_peers() -> Iterator[PeerThread]:
    peers = PeerThread()
    peers.start()
    try:
        yield peers
    finally:
        peers.stop()
