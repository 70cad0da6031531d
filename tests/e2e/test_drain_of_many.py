"""SIGTERM in the middle of a hundred streams loses none of them."""

from __future__ import annotations

import asyncio

from llm_gateway.application.drill_case import ClientView
from llm_gateway.entrypoints.drill.raw_client import RawExchange
from tests.e2e.gateway_process import GatewayProcess, running_gateway

STREAMS = 100
WORDS = 60


def stream(gateway: GatewayProcess) -> RawExchange:
    messages = [{"role": "user", "content": "hi"}]
    model = f"lab/lorem+words={WORDS}+pace=20ms"
    return RawExchange(gateway.url, {"model": model, "messages": messages, "stream": True})


async def test_sigterm_loses_no_stream() -> None:
    """Each arrives whole, to its last word and its [DONE]; then the process ends with 0."""
    with running_gateway("--lab") as gateway:
        begun = asyncio.Barrier(STREAMS + 1)

        async def one() -> ClientView:
            async with stream(gateway) as exchange:
                await exchange.until(b"ipsum")
                await begun.wait()
                return await exchange.finish()

        streams = [asyncio.create_task(one()) for _ in range(STREAMS)]
        await begun.wait()
        gateway.signal()
        views = await asyncio.gather(*streams)
        assert [view.ending() for view in views] == ["answer"] * STREAMS
        assert {view.body.count(b'"content":') for view in views} == {WORDS + 1}
        assert await asyncio.to_thread(gateway.exit_code) == 0
