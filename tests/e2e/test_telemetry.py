"""The started gateway tells LLM-Observatory and LLM-CostOps of its requests, however they are."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.e2e.child import wait_for
from tests.e2e.gateway_process import GatewayProcess, running_gateway
from tests.e2e.lab_process import LabProcess
from tests.e2e.load import ask
from tests.e2e.peer_thread import PeerThread, running_peers
from tests.fakes.peer_service import INGEST

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
PROMPT = "a prompt that nobody is told"
CONFIGURATION = """
providers:
  - id: one
    type: openai_compatible
    base_url: {lab}/v1
    api_key: upstream-key
    models: [{{name: echo, input_price: 2, output_price: 10}}, "529", "cut@3", "lorem*"]
  - id: two
    type: openai_compatible
    base_url: {lab}/v1
    api_key: upstream-key
    models: [{{name: echo, input_price: 2, output_price: 10}}]
routing:
  strategy: priority
  aliases: {{both: ["one/529", two/echo]}}
resilience:
  retry: {{max_attempts: 1}}
"""


@pytest.fixture
def peers() -> Iterator[PeerThread]:
    with running_peers() as started:
        yield started


def environment(peers: PeerThread) -> dict[str, str]:
    """With the path of the deployment guide, which the real service does not have."""
    return {"TELEMETRY_ENDPOINT": f"{peers.url}/v1/telemetry", "COSTOPS_URL": peers.url}


def chat(gateway: GatewayProcess, model: str) -> httpx.Response:
    body = {"model": model, "messages": [{"role": "user", "content": PROMPT}]}
    return httpx.post(f"{gateway.url}/v1/chat/completions", json=body, trust_env=False, timeout=30)


def stream(gateway: GatewayProcess, model: str, *, chunks: int | None = None) -> None:
    """Read to its end, however it ends, or left after so many chunks."""
    body = {"model": model, "messages": [{"role": "user", "content": PROMPT}], "stream": True}
    url = f"{gateway.url}/v1/chat/completions"
    with (
        contextlib.suppress(httpx.RemoteProtocolError),
        httpx.Client(trust_env=False) as client,
        client.stream("POST", url, json=body) as answer,
    ):
        for _ in islice(answer.iter_bytes(), chunks):
            pass


def sinks(gateway: GatewayProcess) -> dict[str, dict[str, Any]]:
    status = httpx.get(f"{gateway.url}/agents/status", trust_env=False).json()
    found: dict[str, dict[str, Any]] = status["telemetry"]["sinks"]
    return found


def counters(gateway: GatewayProcess) -> dict[tuple[str, str], float]:
    """Of telemetry, by name and sink."""
    return {
        (sample.name.removeprefix("llm_gateway_"), sample.labels["sink"]): sample.value
        for sample in samples(gateway)
        if sample.name.startswith("llm_gateway_telemetry_")
    }


def samples(gateway: GatewayProcess) -> list[Sample]:
    page = httpx.get(f"{gateway.url}/metrics", trust_env=False).text
    return [sample for family in text_string_to_metric_families(page) for sample in family.samples]


def validate(name: str, documents: list[dict[str, Any]]) -> None:
    validator = Draft202012Validator(json.loads((SCHEMAS / f"{name}.schema.json").read_text()))
    for document in documents:
        validator.validate(document)


def outcomes(spans: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Model as asked for without the lab's settings, what routing did, how it ended."""
    told = [span["attributes"] for span in spans]
    return sorted((a["requested_model"].split("+")[0], a["decision"], a["status"]) for a in told)


def test_every_request_is_told_as_it_ended(peers: PeerThread, lab: LabProcess) -> None:
    """Plain, streamed, fallen back, rejected, cut, left by its client; the end waits for what is queued."""
    configuration = CONFIGURATION.format(lab=lab.url)
    with running_gateway(configuration=configuration, environment=environment(peers)) as gateway:
        assert set(counters(gateway).values()) == {0.0} and len(counters(gateway)) == 4
        answers = [chat(gateway, "one/echo"), chat(gateway, "both")]
        assert chat(gateway, "nobody").status_code == 404
        stream(gateway, "one/echo")
        stream(gateway, "one/cut@3")
        stream(gateway, "one/lorem+words=4000+pace=5ms", chunks=1)
        wait_for(lambda: [s for s in samples(gateway) if s.labels.get("status") == "client_closed"])
        assert gateway.stop() == 0
    spans, costs = peers.service.spans, peers.service.attributions
    assert outcomes(spans) == [
        ("both", "fallback", "success"),
        ("nobody", "rejected", "failed"),
        ("one/cut@3", "routed", "partial"),
        ("one/echo", "routed", "success"),
        ("one/echo", "routed", "success"),
        ("one/lorem", "routed", "cancelled"),
    ]
    statuses = sorted((cost["metadata"]["status"], cost["metadata"]["estimated"]) for cost in costs)
    assert statuses == [("cancelled", True), ("partial", True), *[("success", False)] * 3]
    for answer in answers:
        check_tokens(answer, spans, costs)
    validate("llm-span", spans)
    validate("cost-attribution", costs)
    told = json.dumps([spans, costs])
    assert PROMPT not in told and "upstream-key" not in told


def check_tokens(answer: httpx.Response, spans: list[dict[str, Any]], costs: list[dict[str, Any]]) -> None:
    """What is told of an answer are its own figures, at the configured prices."""
    usage, decision = answer.json()["usage"], answer.headers["x-decision-id"]
    (span,) = (s for s in spans if s["metadata"]["attributes"]["decision_id"] == decision)
    (cost,) = (c for c in costs if c["metadata"]["decision_id"] == decision)
    assert span["token_usage"].items() <= usage.items()
    assert (cost["input_tokens"], cost["output_tokens"]) == (
        usage["prompt_tokens"],
        usage["completion_tokens"],
    )
    dollars = (2 * usage["prompt_tokens"] + 10 * usage["completion_tokens"]) / 1e6
    assert span["cost"]["amount_usd"] == pytest.approx(dollars) == pytest.approx(cost["metadata"]["cost_usd"])
    assert cost["metadata"]["price_table"] == "configuration"


def test_requests_do_not_notice_how_the_peers_are(peers: PeerThread) -> None:
    """All are answered, by both workers. Of an outage everything arrives afterwards, of a lie nobody knows.

    An outage at the end does not hold it up.
    """
    with running_gateway("--lab", "--workers", "2", environment=environment(peers)) as gateway:
        peers.service.mode = "garbage"
        decisions = ask(gateway.url, 80)
        wait_for(lambda: [s for s in sinks(gateway).values() if s["reachable"] is False][1:])
        peers.service.mode = "up"
        wait_for(lambda: settled(gateway) == 160)
        arrived = [cost["metadata"]["decision_id"] for cost in peers.service.attributions]
        assert sorted(arrived) == sorted(decisions)
        assert len(peers.service.spans) == 80
        peers.service.mode = "lies"
        ask(gateway.url, 20)
        wait_for(lambda: settled(gateway) == 200)
        figures, counted = sinks(gateway), counters(gateway)
        peers.service.mode = "503"
        ask(gateway.url, 20)
        assert gateway.stop() == 0
    assert figures["observatory"]["endpoint"] == peers.url + INGEST
    assert {(sink["delivered"], sink["dropped"]) for sink in figures.values()} == {(100, 0)}
    assert counted == {
        ("telemetry_delivered_total", "costops"): 100.0,
        ("telemetry_delivered_total", "observatory"): 100.0,
        ("telemetry_dropped_total", "costops"): 0.0,
        ("telemetry_dropped_total", "observatory"): 0.0,
    }
    assert len(peers.service.spans) == 80


def settled(gateway: GatewayProcess) -> int:
    """Records that are delivered or dropped, over both sinks."""
    return sum(sink["delivered"] + sink["dropped"] for sink in sinks(gateway).values())


def test_a_url_of_no_use_ends_the_start() -> None:
    """With the variable's name, and without what may be a password."""
    unusable = {"COSTOPS_URL": "https://user:hunter2@host"}
    with pytest.raises(AssertionError) as caught, running_gateway("--lab", environment=unusable):
        pass
    assert "ended with 78" in str(caught.value) and "COSTOPS_URL must look like" in str(caught.value)
    assert "hunter2" not in str(caught.value)
