"""A gateway in this process and event loop, on a free loopback port: everything but the process around it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from uvicorn.server import ServerState

from llm_gateway.entrypoints.container import Container
from llm_gateway.entrypoints.http.app import create_app
from llm_gateway.entrypoints.http.protocol import GatewayProtocol


@asynccontextmanager
async def loopback_gateway(
    container: Container, protocol: type[asyncio.Protocol] = GatewayProtocol
) -> AsyncIterator[str]:
    """Its URL, without a final slash. What is still under way at the end of the block is cancelled."""
    container.decision_log().open()
    app = create_app(container)
    config = uvicorn.Config(
        app, http=protocol, ws="none", lifespan="off", log_config=None, server_header=False
    )
    config.load()
    state = ServerState()

    def connect() -> asyncio.Protocol:
        return protocol(config=config, server_state=state, app_state={})  # type: ignore[call-arg]

    async with app.router.lifespan_context(app):
        server = await asyncio.get_running_loop().create_server(connect, "127.0.0.1", 0, backlog=2048)
        host, port = server.sockets[0].getsockname()[:2]
        try:
            yield f"http://{host}:{port}"
        finally:
            server.close()
            for connection in list(state.connections):
                connection.transport.abort()
            for task in list(state.tasks):
                task.cancel()
            await asyncio.gather(*state.tasks, return_exceptions=True)
