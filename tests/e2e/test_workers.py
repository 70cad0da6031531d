"""`--workers 2`: two processes on one port that look like one service."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.child import wait_for
from tests.e2e.gateway_process import GatewayProcess, running_gateway

CHAT = {"model": "lab/echo", "messages": [{"role": "user", "content": "hi"}]}


@pytest.fixture(scope="module")
def pair() -> Iterator[GatewayProcess]:
    with running_gateway("--lab", "--workers", "2") as gateway:
        wait_for(lambda: len(started(gateway)) == 2)
        yield gateway


def started(gateway: GatewayProcess) -> list[int]:
    """The slots of the workers that have said that they start."""
    return [line["worker"] for line in gateway.logs() if line["message"] == "starting"]


def ask(gateway: GatewayProcess, times: int) -> None:
    """Several at once, each on a connection of its own: the kernel picks the worker."""

    def one(_: int) -> int:
        return httpx.post(f"{gateway.url}/v1/chat/completions", json=CHAT, trust_env=False).status_code

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(one, range(times))) == {200}


def answered(gateway: GatewayProcess) -> float:
    page = httpx.get(f"{gateway.url}/metrics", trust_env=False).text
    return sum(
        sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name == "llm_gateway_requests_total"
    )


def children(gateway: GatewayProcess) -> list[int]:
    """The workers' process ids: children that serve HTTP."""
    listed = Path(f"/proc/{gateway.pid}/task/{gateway.pid}/children").read_text().split()
    return [pid for pid in map(int, listed) if b"http.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_metrics_count_all_workers(pair: GatewayProcess) -> None:
    """Whichever worker is scraped, the total is the same."""
    before = answered(pair)
    ask(pair, 20)
    assert {answered(pair) for _ in range(12)} == {before + 20}


def test_both_workers_serve(pair: GatewayProcess) -> None:
    """Each writes the decisions it took to its own part of the spool."""

    def both() -> bool:
        ask(pair, 16)
        return sum(path.stat().st_size > 0 for path in (pair.directory / "spool").rglob("*.jsonl")) == 2

    wait_for(both)


def test_a_killed_worker_is_replaced() -> None:
    """The service goes on, and counts what the dead one had counted."""
    with running_gateway("--lab", "--workers", "2") as gateway:
        wait_for(lambda: len(started(gateway)) == 2)
        ask(gateway, 10)
        os.kill(children(gateway)[0], signal.SIGKILL)
        wait_for(lambda: len(started(gateway)) == 3)
        wait_for(lambda: len(children(gateway)) == 2)
        gateway.until_ready()
        assert answered(gateway) == 10
        assert [line["exit_code"] for line in gateway.logs() if "exit_code" in line] == [-signal.SIGKILL]


def test_sigterm_ends_all() -> None:
    """Exit code 0, and no child is left."""
    with running_gateway("--lab", "--workers", "2") as gateway:
        workers = children(gateway)
        assert gateway.stop() == 0
        assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_second_signal_kills_all(number: signal.Signals) -> None:
    """As with one process: the exit code names the signal, because a request was cut."""
    body = {**CHAT, "model": "lab/stall@2", "stream": True}
    with running_gateway("--lab", "--workers", "2") as gateway:
        url = f"{gateway.url}/v1/chat/completions"
        with httpx.stream("POST", url, json=body, trust_env=False) as answer:
            pieces = answer.iter_raw()  # kept: when it goes, the connection does
            next(pieces)
            gateway.signal(number)
            wait_for(lambda: any(line["message"] == "draining" for line in gateway.logs()))
            gateway.signal(number)
            assert gateway.exit_code() == 128 + number
