"""What is particular to Cloud Run: CPU only while a request is answered, an instance id to be asked for."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Iterator

import httpx
import pytest

from tests.e2e.child import wait_for
from tests.e2e.gateway_process import GatewayProcess, running_gateway
from tests.e2e.ruvector_process import RuvectorProcess
from tests.fakes.metadata_server import instance_id, metadata_server

CLOUD_RUN = {
    "K_SERVICE": "llm-inference-gateway",
    "K_REVISION": "llm-inference-gateway-00001-abc",
    "LLM_GATEWAY_AUTH": "none",
}


@pytest.fixture(scope="module")
def ruvector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RuvectorProcess]:
    service = RuvectorProcess(tmp_path_factory.mktemp("ruvector")).start()
    yield service
    service.stop()


@pytest.fixture(scope="module")
def gateway(ruvector: RuvectorProcess) -> Iterator[GatewayProcess]:
    with metadata_server(instance_id("00c527f6d4")) as server:
        environment = {**CLOUD_RUN, "GCE_METADATA_HOST": server, "RUVECTOR_SERVICE_URL": ruvector.url}
        with running_gateway("--lab", environment=environment) as started:
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
    path = gateway.directory / "spool" / "worker-0" / "instances.jsonl"
    wait_for(path.exists)
    assert json.loads(path.read_text())["instance"] == "00c527f6d4"


def test_decisions_are_delivered_by_the_cpu_of_later_requests(
    gateway: GatewayProcess, ruvector: RuvectorProcess
) -> None:
    """Between requests the process is stopped, as Cloud Run without `cpu-throttling: false` does it: what is
    due then is worked off when the next request brings CPU."""
    gateway.signal(signal.SIGSTOP)
    first: list[str] = []

    def delivered_by_another_request() -> bool:
        gateway.signal(signal.SIGCONT)
        first.append(decision_of_a_request(gateway))
        gateway.signal(signal.SIGSTOP)
        return any(first[0] in json.dumps(event) for event in ruvector.events())

    try:
        wait_for(delivered_by_another_request)
    finally:
        gateway.signal(signal.SIGCONT)


def test_a_metadata_server_that_does_not_answer_holds_nothing_up() -> None:
    """It is ready and answers all the same; then the host's name has to do."""
    asked: list[bytes] = []
    with (
        metadata_server(None, asked) as server,
        running_gateway("--lab", environment={**CLOUD_RUN, "GCE_METADATA_HOST": server}) as started,
    ):
        assert decision_of_a_request(started)
        assert f'id="{socket.gethostname()}"' in wait_for(lambda: instance_named(started))
    assert asked
