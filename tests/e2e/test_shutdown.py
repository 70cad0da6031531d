"""SIGTERM: what is under way finishes, nothing new begins, and the exit code is 0."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.child import wait_for
from tests.e2e.gateway_process import GatewayProcess, running_gateway

CHAT = "/v1/chat/completions"


def body(model: str) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": "hi"}], "stream": True}


@pytest.fixture
def own() -> Iterator[GatewayProcess]:
    with running_gateway("--lab") as gateway:
        yield gateway


def draining(gateway: GatewayProcess) -> bool:
    return any(line["message"] == "draining" for line in gateway.logs())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_gateway_ends_at_once(own: GatewayProcess, number: signal.Signals) -> None:
    """Both signals mean the same; the log says that it stopped."""
    own.signal(number)
    assert own.exit_code() == 0
    assert own.logs()[-1]["message"] == "stopped"


def test_a_stream_in_flight_finishes(own: GatewayProcess) -> None:
    """Meanwhile probes and new requests are told to go elsewhere."""
    with (
        httpx.Client(base_url=own.url, trust_env=False) as http,
        http.stream("POST", CHAT, json=body("lab/lorem+words=40+pace=20ms")) as answer,
    ):
        pieces = answer.iter_raw()
        received = next(pieces)
        own.signal()
        wait_for(lambda: draining(own))
        ready = httpx.get(f"{own.url}/ready", trust_env=False)
        assert ready.status_code == 503 and ready.json()["reasons"] == ["draining"]
        late = httpx.post(f"{own.url}{CHAT}", json=body("lab/echo"), trust_env=False)
        assert late.status_code == 503 and late.json()["error"]["code"] == "server_draining"
        assert "retry-after" in late.headers
        received += b"".join(pieces)
    assert received.count(b'"content":') == 41 and received.endswith(b"data: [DONE]\n\n")
    assert own.exit_code() == 0


def test_what_outlasts_the_drain_is_cut_honestly() -> None:
    """An error event, no [DONE]; and the exit code is still 0."""
    with running_gateway("--lab", configuration="server: {drain_timeout: 300ms}") as gateway:
        with httpx.stream(
            "POST", f"{gateway.url}{CHAT}", json=body("lab/stall@2"), trust_env=False
        ) as answer:
            pieces = answer.iter_raw()
            received = next(pieces)
            gateway.signal()
            with pytest.raises(httpx.RemoteProtocolError):
                for piece in pieces:
                    received += piece
        assert b'"cause":"server_draining"' in received and b"[DONE]" not in received
        assert gateway.exit_code() == 0


def test_the_second_signal_ends_at_once(own: GatewayProcess) -> None:
    """Whatever is under way; the exit code names the signal."""
    with httpx.stream("POST", f"{own.url}{CHAT}", json=body("lab/stall@2"), trust_env=False) as answer:
        pieces = answer.iter_raw()  # kept: when it goes, the connection does
        next(pieces)
        own.signal()
        wait_for(lambda: draining(own))
        own.signal()
        assert own.exit_code() == 128 + signal.SIGTERM


def test_a_killed_gateway_leaves_no_lab_behind(own: GatewayProcess) -> None:
    """What nobody can stop any more stops by itself."""
    children = Path(f"/proc/{own.pid}/task/{own.pid}/children").read_text().split()
    assert len(children) == 1 and b"entrypoints.lab" in Path(f"/proc/{children[0]}/cmdline").read_bytes()
    own.signal(signal.SIGKILL)
    assert own.exit_code() == -signal.SIGKILL
    wait_for(lambda: not running(children[0]))


def running(pid: str) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()  # a zombie has ended
    except OSError:
        return False
