"""GatewayServer: uvicorn with this gateway's way of ending: drain at the first signal, stop at the second."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
from collections.abc import Callable, Generator
from types import FrameType

import uvicorn
from typing_extensions import override

from llm_gateway.application.lifecycle import Lifecycle
from llm_gateway.entrypoints.http.slow_clients import turn_away

_POLL_S = 0.05
_TICKS_PER_SECOND = 10  # uvicorn's main loop
_UNWIND_S = 1.0
_log = logging.getLogger("llm_gateway.server")


class GatewayServer(uvicorn.Server):
    """SIGTERM and SIGINT drain, and the process then exits with 0; SIGHUP calls `reload`; `ready` is called
    once, when the listener is open.

    While draining the listener stays open as long as requests are under way, so that probes see 503 and new
    requests are told so; uvicorn itself would refuse connections, and die by the signal afterwards.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        *,
        lifecycle: Lifecycle,
        drain_timeout: float,
        reload: Callable[[], None],
        flush: Callable[[], None],
        ready: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(config)
        self._lifecycle = lifecycle
        self._drain_timeout = drain_timeout
        self._ready = ready
        self._reload = reload
        self._flush = flush

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    @override
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        loop = asyncio.get_running_loop()
        before = {
            number: signal.signal(number, self.handle_exit) for number in uvicorn.server.HANDLED_SIGNALS
        }
        if hasattr(signal, "SIGHUP"):
            loop.add_signal_handler(signal.SIGHUP, self._reload)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @override
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.should_exit:
            # The second signal: what has been decided is kept, everything else ends here.
            self._flush()
            os._exit(128 + sig)
        self._lifecycle.drain()
        self.should_exit = True

    @override
    async def on_tick(self, counter: int) -> bool:
        if counter % _TICKS_PER_SECOND == 0:
            turned_away = turn_away(self.server_state.connections, asyncio.get_running_loop().time())
            if turned_away:
                _log.warning("slow clients were turned away", extra={"connections": turned_away})
        return await super().on_tick(counter)

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        _log.info("draining", extra={"in_flight": len(self.server_state.tasks)})
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await self._until_idle(self._drain_timeout)
        for server in self.servers:
            server.close()
        for sock in sockets or []:
            sock.close()
        cut = list(self.server_state.tasks)
        for task in cut:
            task.cancel("drain_timeout is over")
        if cut:
            _log.warning("drain timeout: requests were cut", extra={"requests": len(cut)})
            await self._until_idle(_UNWIND_S)
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await self.lifespan.shutdown()
        _log.info("stopped")

    async def _until_idle(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        # uvicorn keeps its tasks in a plain set: there is no event to wait for.
        while self.server_state.tasks and loop.time() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(_POLL_S)
