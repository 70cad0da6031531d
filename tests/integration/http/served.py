"""An ASGI application behind the gateway's own server classes, on a real socket."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from llm_gateway.application.lifecycle import Lifecycle
from llm_gateway.entrypoints.http.protocol import GatewayProtocol
from llm_gateway.entrypoints.http.server import GatewayServer

_STATUS_LINE = re.compile(rb"HTTP/1\.1 \d{3} ")


@asynccontextmanager
async def served(app: Callable[..., Any]) -> AsyncIterator[tuple[int, GatewayServer]]:
    """The port that it listens on, and the server."""
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, http=GatewayProtocol, lifespan="off", log_config=None, ws="none"
    )
    server = GatewayServer(
        config, lifecycle=Lifecycle(0.0), drain_timeout=5.0, reload=lambda: None, flush=lambda: None
    )
    # `_serve` is `serve` without the signal handlers, which belong to the test runner here.
    serving = asyncio.create_task(server._serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1], server
    finally:
        server.should_exit = True
        await serving


async def exchange(port: int, raw: bytes, *, answers: int = 1) -> bytes:
    """Send raw bytes; everything that comes back until the server closes or the answers have arrived."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(raw)
    received = b""
    try:
        while len(_STATUS_LINE.findall(received)) < answers or not received.endswith(b"}"):
            piece = await asyncio.wait_for(reader.read(65536), 10)
            if not piece:
                return received + b"<closed>"
            received += piece
    finally:
        writer.close()
    return received
