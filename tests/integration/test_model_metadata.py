"""A worker with the real genai-prices package: not before it is ready, and then in every answer."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn

from llm_gateway.entrypoints.container import Container, build_container
from llm_gateway.entrypoints.http.app import create_app
from llm_gateway.entrypoints.http.server import GatewayServer
from llm_gateway.entrypoints.http.worker import background_of
from llm_gateway.entrypoints.settings import load_settings

START = """
import sys
from llm_gateway.entrypoints.container import build_container
from llm_gateway.entrypoints.http import worker
from llm_gateway.entrypoints.settings import load_settings

worker.create_app(build_container(load_settings()))
print(sorted(name for name in sys.modules if name.partition(".")[0] == "genai_prices"))
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        "OPENAI_API_KEY": "k",
        "LLM_GATEWAY_AUTH": "none",
        "LLM_GATEWAY_SPOOL_DIR": str(tmp_path / "spool"),
        "LLM_GATEWAY_RUN_DIR": str(tmp_path / "run"),
    }


@pytest.fixture
def container(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Container:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return build_container(load_settings())


@asynccontextmanager
async def serving(container: Container) -> AsyncIterator[str]:
    """The base URL of one worker as `worker.run` puts it together, in this process."""
    container.decision_log().open()
    background = background_of(container)
    config = uvicorn.Config(
        create_app(container, background), host="127.0.0.1", port=0, lifespan="on", log_config=None, ws="none"
    )
    server = GatewayServer(
        config,
        lifecycle=container.lifecycle(),
        drain_timeout=5.0,
        reload=background.reload,
        flush=container.decision_log().flush,
        ready=background.ready,
    )
    serve = asyncio.create_task(server._serve())  # without the signal handlers: those are pytest's
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serve


def test_a_start_does_not_load_the_package(environment: dict[str, str], tmp_path: Path) -> None:
    """It would cost a tenth of a second before the first request can be taken."""
    start = subprocess.run(
        [sys.executable, "-c", START],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert start.stdout.strip() == "[]"


async def test_a_key_alone_shows_real_models_once_the_worker_is_ready(container: Container) -> None:
    """And a route has a price."""
    assert container.list_models().all() == ()
    async with serving(container) as url, httpx.AsyncClient(base_url=url, trust_env=False) as client:
        while not (listed := (await client.get("/v1/models")).json()["data"]):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        assert "gpt-4o" in [model["id"] for model in listed]
        chat = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}
        route = await client.post("/agents/route", json={"request": chat, "dry_run": True})
        assert route.json()["output"]["estimated_cost"] > 0
    result = container.live_configuration().last_result
    assert (result.status, result.trigger) == ("accepted", "model metadata")


async def test_two_workers_of_one_service_come_to_the_same_snapshot(environment: dict[str, str]) -> None:
    """Each loads the data by itself; the archive holds both snapshots, the history one version."""
    settings = load_settings().model_copy(
        update={"environment": environment, "spool_dir": Path(environment["LLM_GATEWAY_SPOOL_DIR"])}
    )
    workers = [build_container(settings.model_copy(update={"worker": number})) for number in (0, 1)]
    first, second = (worker.live_configuration() for worker in workers)
    before = first.current().hash
    await asyncio.gather(*(worker.add_model_metadata()() for worker in workers))
    assert first.current().hash == second.current().hash != before
    stores = workers[0].stores()
    assert stores.archive.load(before) and stores.archive.load(first.current().hash)
    assert len(stores.history.list()) == 1
    assert json.dumps(first.current().document()) == json.dumps(second.current().document())
