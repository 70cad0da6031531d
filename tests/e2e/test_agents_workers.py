"""Two workers that answer as one service: status, reloads and decisions, whichever of them is asked."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.child import wait_for
from tests.e2e.gateway_process import GatewayProcess, running_gateway

CONFIGURATION = """
providers:
  - {id: one, type: openai_compatible, base_url: "http://127.0.0.1:9/v1", api_key: k, models: [m]}
  - {id: two, type: openai_compatible, base_url: "http://127.0.0.1:9/v1", api_key: k, models: [m]}
routing: {strategy: STRATEGY}
"""
ROUTE = {"model": "m", "request_id": "r"}
CHANGED = CONFIGURATION.replace("STRATEGY", "weighted")


@pytest.fixture(scope="module")
def pair() -> Iterator[GatewayProcess]:
    first = CONFIGURATION.replace("STRATEGY", "priority")
    with running_gateway("--workers", "2", configuration=first) as gateway:
        wait_for(lambda: status(gateway)["workers"]["reporting"] == 2)
        yield gateway


def get(gateway: GatewayProcess, path: str) -> Any:
    """On a connection of its own: the kernel picks the worker."""
    return httpx.get(f"{gateway.url}{path}", trust_env=False).json()


def status(gateway: GatewayProcess) -> dict[str, Any]:
    found: dict[str, Any] = get(gateway, "/agents/status")
    return found


def route(gateway: GatewayProcess, times: int) -> list[str]:
    """The decisions' ids."""

    def one(_: int) -> str:
        answer = httpx.post(f"{gateway.url}/agents/route", json=ROUTE, trust_env=False)
        return answer.headers["x-decision-id"]

    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(one, range(times)))


def metrics(gateway: GatewayProcess) -> str:
    return httpx.get(f"{gateway.url}/metrics", trust_env=False).text


def reloads(gateway: GatewayProcess) -> dict[str, float]:
    samples = (s for family in text_string_to_metric_families(metrics(gateway)) for s in family.samples)
    return {s.labels["result"]: s.value for s in samples if s.name == "llm_gateway_config_reloads_total"}


def write(gateway: GatewayProcess, text: str) -> None:
    path: Path = gateway.directory / "gateway.yaml"
    aside = path.with_suffix(".new")
    aside.write_text(text)
    aside.replace(path)


def test_any_worker_tells_of_all(pair: GatewayProcess) -> None:
    """Counters, workers and decisions are the service's, not the answering worker's."""
    before = status(pair)
    ids = route(pair, 30)
    found = [status(pair) for _ in range(10)]
    assert {entry["requests_processed"] for entry in found} == {before["requests_processed"] + 30}
    decided = before["decisions"].get("route_select", 0) + 30
    assert {entry["decisions"]["route_select"] for entry in found} == {decided}
    assert {tuple(w["worker"] for w in entry["workers"]["each"]) for entry in found} == {(0, 1)}
    for id in ids[:10]:
        assert get(pair, f"/v1/decisions/{id}")["decision_event"]["execution_ref"] == id


def test_both_workers_take_a_change_and_say_so(pair: GatewayProcess) -> None:
    """Both report the same hash, and the metric counts both."""
    before, counted = status(pair)["configuration"]["snapshot_hash"], reloads(pair).get("accepted", 0)
    write(pair, CHANGED)

    def converged() -> bool:
        found = status(pair)["configuration"]
        return bool(found["consistent"] and found["snapshot_hash"] != before)

    wait_for(converged)
    assert {get(pair, "/agents/inspect")["config"]["default_strategy"] for _ in range(10)} == {"weighted"}
    assert reloads(pair)["accepted"] == counted + 2


def test_an_invalid_file_is_refused_and_visible(pair: GatewayProcess) -> None:
    """The old configuration goes on serving; status and metric say why and how often."""
    before, counted = status(pair)["configuration"]["snapshot_hash"], reloads(pair).get("refused", 0)
    write(pair, CHANGED + "routin: {}\n")
    wait_for(lambda: reloads(pair).get("refused") == counted + 2)

    def everybody_says_so() -> bool:
        each = status(pair)["workers"]["each"]
        return all(worker["last_reload"]["status"] == "refused" for worker in each)

    wait_for(everybody_says_so)
    found = status(pair)
    assert "routin" in found["configuration"]["last_reload"]["message"]
    assert (found["configuration"]["snapshot_hash"], found["health"]) == (before, "degraded")
    assert len(route(pair, 4)) == 4
    write(pair, CHANGED)
    wait_for(lambda: status(pair)["health"] == "healthy")


def test_a_breaker_of_one_worker_is_seen_by_all(pair: GatewayProcess) -> None:
    """Nobody answers at the upstreams: each worker learns that for itself, inspection shows the worst."""
    chat = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    for _ in range(8):
        httpx.post(f"{pair.url}/v1/chat/completions", json=chat, trust_env=False)

    def seen() -> bool:
        found = [get(pair, "/agents/inspect?detailed=true")["providers"][0] for _ in range(6)]
        return all(provider["breaker_state"] == "open" for provider in found)

    wait_for(seen)
    wait_for(lambda: 'circuit_breaker_state{provider="one"} 2.0' in metrics(pair))
