"""The inference plane in this process and event loop, on a free loopback port; nothing else of a gateway."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from uvicorn.server import ServerState

from llm_gateway.entrypoints.container import Container
from llm_gateway.entrypoints.http.app import inference_lane
from llm_gateway.entrypoints.http.protocol import GatewayProtocol


@asynccontextmanager
async def loopback_gateway(container: Container) -> AsyncIterator[str]:
    """Its URL, without a final slash; every path is the chat endpoint.

    At the end of the block what is still under way is cancelled, and what the container built is closed.
    """
    container.decision_log().open()
    config = uvicorn.Config(
        inference_lane(container).chat,
        interface="asgi3",
        lifespan="off",
        ws="none",
        log_config=None,
        proxy_headers=False,
        server_header=False,
    )
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: GatewayProtocol(config=config, server_state=state, app_state={}), "127.0.0.1", 0, backlog=2048
    )
    container.lifecycle().serve()
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
        await container.transport().aclose()
        container.decision_log().close()
