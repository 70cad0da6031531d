"""What is particular to Cloud Run: CPU only while a request is answered, an instance id to be asked for."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator

import httpx
import pytest

from tests.e2e.child import Child, wait_for
from tests.e2e.gateway_process import GatewayProcess, running_gateway
from tests.fakes.metadata_server import instance_id, metadata_server
from tests.integration.deploy.workstation import ROOT

CLOUD_RUN = {
    "K_SERVICE": "llm-inference-gateway",
    "K_REVISION": "llm-inference-gateway-00001-abc",
    "LLM_GATEWAY_AUTH": "none",
}


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the stand-in of the trial takes decision events and telemetry."""
    command = [sys.executable, str(ROOT / "deploy" / "compose" / "ruvector_stand_in.py"), "0"]
    stand_in = Child(command, tmp_path_factory.mktemp("platform"), {})
    yield f"http://127.0.0.1:{stand_in.until_printed(r'port ([0-9]+)')[1]}"
    stand_in.process.kill()
    stand_in.process.wait()


@pytest.fixture(scope="module")
def gateway(platform: str) -> Iterator[GatewayProcess]:
    environment = {
        **CLOUD_RUN,
        "RUVECTOR_SERVICE_URL": platform,
        "TELEMETRY_ENDPOINT": f"{platform}/v1/telemetry",
    }
    with (
        metadata_server(instance_id("00c527f6d4")) as server,
        running_gateway("--lab", environment={**environment, "GCE_METADATA_HOST": server}) as started,
    ):
        yield started


def instance_named(gateway: GatewayProcess) -> str | None:
    """The line of the metric, once it is there."""
    lines = httpx.get(f"{gateway.url}/metrics", trust_env=False).text.splitlines()
    return next((line for line in lines if line.startswith("llm_gateway_instance_info{")), None)


def decision_of_a_request(gateway: GatewayProcess) -> str:
    body = {"model": "lab/echo", "messages": [{"role": "user", "content": "hello"}]}
    answer = httpx.post(f"{gateway.url}/v1/chat/completions", json=body, trust_env=False)
    assert answer.status_code == 200
    return answer.headers["x-decision-id"]


def test_the_instance_id_is_in_metrics_and_spool(gateway: GatewayProcess) -> None:
    """As the metadata server says it, with the revision."""
    line = wait_for(lambda: instance_named(gateway))
    assert line == (
        'llm_gateway_instance_info{id="00c527f6d4",revision="llm-inference-gateway-00001-abc"} 1.0'
    )
    path = gateway.directory / "spool" / "worker-0" / "instances.json"
    wait_for(path.exists)
    assert json.loads(path.read_text())[0]["instance"] == "00c527f6d4"


@pytest.mark.parametrize("kind", ["events", "spans"])
def test_what_is_due_is_delivered_by_the_cpu_of_later_requests(
    gateway: GatewayProcess, platform: str, kind: str
) -> None:
    """Between requests the process is stopped, as Cloud Run does it with `cpu-throttling: true`."""
    decisions: list[str] = []

    def first_is_delivered_after_another_request() -> bool:
        gateway.signal(signal.SIGCONT)
        decisions.append(decision_of_a_request(gateway))
        gateway.signal(signal.SIGSTOP)
        return decisions[0] in httpx.get(f"{platform}/{kind}", trust_env=False).text

    try:
        wait_for(first_is_delivered_after_another_request)
    finally:
        gateway.signal(signal.SIGCONT)
