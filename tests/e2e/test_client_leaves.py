"""A client that goes away takes its upstream call with it, as the upstream sees it."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.e2e.child import wait_for
from tests.e2e.gateway_process import GatewayProcess, running_gateway
from tests.e2e.lab_process import LabProcess


@pytest.fixture(scope="module")
def relay(lab: LabProcess) -> Iterator[GatewayProcess]:
    """A gateway in front of a lab that can be asked what it saw."""
    with running_gateway(configuration=f"providers:\n{lab.provider('one')}") as gateway:
        yield gateway


@pytest.fixture(autouse=True)
def fresh(lab: LabProcess) -> None:
    lab.forget()


def connected(relay: GatewayProcess, model: str, *, stream: bool) -> socket.socket:
    """A connection on which one request was sent."""
    messages = [{"role": "user", "content": "hi"}]
    body = json.dumps({"model": f"one/{model}", "messages": messages, "stream": stream}).encode()
    url = httpx.URL(relay.url)
    raw = socket.create_connection((url.host, url.port or 80))
    raw.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body))
    raw.sendall(body)
    return raw


def seen(lab: LabProcess) -> dict[str, Any]:
    """The one request that reached the upstream."""
    records: list[dict[str, Any]] = wait_for(lab.requests)
    assert len(records) == 1
    return records[0]


def test_mid_stream(relay: GatewayProcess, lab: LabProcess) -> None:
    """The upstream stops long before its last word."""
    with connected(relay, "lorem+words=4000+pace=5ms", stream=True) as raw:
        received = b""
        while b"ipsum" not in received:
            received += raw.recv(65536)
        assert seen(lab)["state"] == "open"
    wait_for(lambda: seen(lab)["state"] == "client_gone")
    assert seen(lab)["events_sent"] < 4000


@pytest.mark.parametrize("stream", [True, False])
def test_before_the_first_byte(relay: GatewayProcess, lab: LabProcess, stream: bool) -> None:
    """Also while nothing has come yet, plain or streamed."""
    with connected(relay, "echo+slow-first-byte=60s", stream=stream):
        seen(lab)
    wait_for(lambda: seen(lab)["state"] == "client_gone")


def test_it_is_counted(relay: GatewayProcess, lab: LabProcess) -> None:
    """As the client's leaving, not as the provider's failure."""
    with connected(relay, "stall@2", stream=True) as raw:
        assert raw.recv(65536)
    wait_for(lambda: seen(lab)["state"] == "client_gone")

    def page() -> str:
        return httpx.get(f"{relay.url}/metrics", trust_env=False).text

    wait_for(lambda: 'status="client_closed",streaming="true"' in page())
    assert "llm_gateway_streams_truncated_total 0.0" in page()


def test_the_gateway_serves_on(relay: GatewayProcess, lab: LabProcess) -> None:
    """The connection that was given up is not used again."""
    with connected(relay, "lorem+words=4000+pace=5ms", stream=True) as raw:
        assert raw.recv(65536)
    wait_for(lambda: seen(lab)["state"] == "client_gone")
    body = {"model": "one/echo", "messages": [{"role": "user", "content": "still there?"}]}
    answer = httpx.post(f"{relay.url}/v1/chat/completions", json=body, trust_env=False)
    assert answer.json()["choices"][0]["message"]["content"] == "still there?"
