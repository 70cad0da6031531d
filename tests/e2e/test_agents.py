"""The `/agents` endpoints and `/v1/decisions` of a started gateway, over its socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.gateway_process import GatewayProcess, running_gateway

CHAT: dict[str, Any] = {"model": "lab/echo", "messages": [{"role": "user", "content": "hi"}]}
PARENT = "7f0c1de8-1111-4222-8333-444455556666"
SPANNED = {"X-Parent-Span-Id": PARENT, "X-Execution-Id": "run-7"}
SHAPES: dict[str, dict[str, Any]] = {
    "chat": {"request": CHAT, "hints": {"preferred_providers": ["lab"]}},
    "contract": {"request_id": "r", "model_requested": "lab/echo", "fallback_enabled": False},
    "guide": {"model": "lab/echo", "request_id": "test-123"},
    "verify": {"model": "lab/echo", "request_id": "r", "tenant_id": "acme", "fallback_enabled": True},
    "line": {"model": "lab/echo", "fallback": True, "priority": "high", "context": {"a": 1}},
}


@pytest.fixture
def alone() -> Iterator[httpx.Client]:
    """A gateway whose counters nobody else moves."""
    with running_gateway("--lab") as gateway, httpx.Client(base_url=gateway.url, trust_env=False) as client:
        yield client


def decisions(client: httpx.Client) -> dict[str, float]:
    """`llm_gateway_decisions_total` by type."""
    page = text_string_to_metric_families(client.get("/metrics").text)
    samples = (sample for family in page for sample in family.samples)
    return {s.labels["decision_type"]: s.value for s in samples if s.name == "llm_gateway_decisions_total"}


def stored(gateway: GatewayProcess) -> list[dict[str, Any]]:
    """Every record on disk."""
    files = sorted((gateway.directory / "spool").rglob("worker-*/*.jsonl"))
    lines = [line for file in files for line in file.read_bytes().splitlines(keepends=True)]
    return [json.loads(line) for line in lines if line.endswith(b"\n")]  # the last may be half written


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_routed(http: httpx.Client, shape: str) -> None:
    """One answer for all of them."""
    answer = http.post("/agents/route", json=SHAPES[shape])
    assert answer.status_code == 200
    body = answer.json()
    assert (body["output"]["provider_id"], body["output"]["model"]) == ("lab", "lab/echo")
    assert body["decision_id"] == answer.headers["x-decision-id"]
    assert body["confidence"] == body["output"]["decision"]["confidence"] == 1.0
    assert body["dry_run"] is False


def test_the_answer_is_as_documented(http: httpx.Client) -> None:
    """OpenAPI says what comes back."""
    document = http.get("/openapi.json").json()
    schema = {"$ref": "#/components/schemas/RouteAnswer", "components": document["components"]}
    jsonschema.validate(http.post("/agents/route", json=SHAPES["guide"]).json(), schema)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"model": "unheard-of"}, 404, "model_not_found"),
        ({"request_id": "r"}, 400, "missing_required_parameter"),
        ({"model": "m", "hints": {}}, 400, "mixed_request_shapes"),
        ({"model": 7}, 400, "invalid_type"),
        ([], 400, "invalid_type"),
    ],
)
def test_refusals(http: httpx.Client, body: Any, status: int, code: str) -> None:
    """In OpenAI's shape."""
    answer = http.post("/agents/route", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_no_provider_is_a_503() -> None:
    """And an event: who asked learns the decision's id."""
    with running_gateway(environment={"PLATFORM_ENV": "staging"}, until="listening") as gateway:
        answer = httpx.post(f"{gateway.url}/agents/route", json={"model": "gpt-4"}, trust_env=False)
        (record,) = stored(gateway)
    error = answer.json()["error"]
    assert (answer.status_code, error["type"], error["code"]) == (
        503,
        "routing_error",
        "no_healthy_providers",
    )
    assert error["message"].startswith("NoHealthyProviders: ")
    assert record["decision_type"] == "route_reject"
    assert record["execution_ref"] == answer.headers["x-decision-id"]


def test_the_audit_form_shows_the_event(gateway: GatewayProcess, http: httpx.Client) -> None:
    """The one on disk, field for field."""
    answer = http.post("/agents/route/audit", json=SHAPES["guide"]).json()
    event = answer["decision_event"]
    (record,) = [r for r in stored(gateway) if r["execution_ref"] == event["execution_ref"]]
    assert {name: record[name] for name in event} == event
    assert "request:test-123" in event["evidence_refs"]


def test_equal_requests_hash_equal(http: httpx.Client) -> None:
    """Chat, route by chat and another request id."""
    chat = http.post("/v1/chat/completions", json=CHAT).headers["x-decision-id"]
    raw = json.dumps({"request": None}).replace(
        "null", httpx.Request("POST", "http://x", json=CHAT).content.decode()
    )
    route = http.post("/agents/route", content=raw).headers["x-decision-id"]
    events = [http.get(f"/v1/decisions/{id}").json()["decision_event"] for id in (chat, route)]
    assert events[0]["inputs_hash"] == events[1]["inputs_hash"]
    assert events[0]["outputs"] == events[1]["outputs"]


def test_a_dry_run_leaves_nothing(alone: httpx.Client) -> None:
    """No event, no counter, the same output."""
    real = alone.post("/agents/route", json=SHAPES["guide"]).json()
    before = (decisions(alone), alone.get("/agents/status").json())
    dry = alone.post("/agents/route", json={**SHAPES["guide"], "dry_run": True}).json()
    after = (decisions(alone), alone.get("/agents/status").json())
    assert dry["dry_run"] is True
    timing = {"latency_us": 0}
    for answer in (real, dry):
        answer["output"]["decision"].update(timing)
    assert dry["output"] == real["output"]
    assert before[0] == after[0]
    for name in ("requests_processed", "errors", "last_activity", "persistence"):
        assert before[1][name] == after[1][name]
    assert alone.get(f"/v1/decisions/{dry['decision_id']}").status_code == 404


def test_one_decision_one_event(alone: httpx.Client) -> None:
    """Chat, route, audit and rejection: as many events as decisions."""
    alone.post("/v1/chat/completions", json=CHAT)
    alone.post("/agents/route", json=SHAPES["line"])
    alone.post("/agents/route/audit", json=SHAPES["guide"])
    alone.post("/agents/route", json={"model": "unheard-of"})
    assert decisions(alone) == {"route_select": 3, "route_reject": 1}
    status = alone.get("/agents/status").json()
    assert status["decisions"] == {"route_select": 3, "route_reject": 1}
    assert (status["requests_processed"], status["errors"]) == (4, 1)


def test_a_decision_is_explained(http: httpx.Client) -> None:
    """The event, every candidate, that it replays, and what was called."""
    answer = http.post("/v1/chat/completions", json=CHAT)
    found = http.get(f"/v1/decisions/{answer.headers['x-decision-id']}").json()
    assert found["decision_event"]["outputs"]["selected_provider"] == "lab"
    assert [c["verdict"] for c in found["explanation"]["candidates"]] == ["selected"]
    assert found["exact"] is True
    assert [(a["target"], a["outcome"], a["status"]) for a in found["attempts"]] == [
        ("lab/lab/echo", "completed", 200)
    ]


def test_a_decision_that_nobody_made(http: httpx.Client) -> None:
    """Nor is it a path into the file system."""
    for id in ("nope", "01a20a49-a9a5-72c7-b983-3ef35501ee7b", "..%2f..%2fetc"):
        assert http.get(f"/v1/decisions/{id}").status_code == 404


def test_agents_inspect_and_health(http: httpx.Client) -> None:
    """The parts come when they are asked for."""
    (agent,) = http.get("/agents").json()
    plain = http.get("/agents/inspect").json()
    full = http.get("/agents/inspect?detailed=true&metrics=true&health=true").json()
    assert agent["id"] == plain["agent"]["id"] == "inference-routing-agent"
    assert plain["providers"] == ["lab"] and not {"health", "metrics"} & plain.keys()
    assert full["providers"][0]["dialect"] == "openai.chat"
    assert full["health"][0]["usable"] is True and full["metrics"][0]["provider_id"] == "lab"
    assert http.get("/agents/health").json()["status"] == "healthy"


class TestSpanEnvelope:
    """Only for callers that send a parent span."""

    def test_around_a_chat_answer(self, http: httpx.Client) -> None:
        """The plain body inside, the decision as an artifact."""
        plain = http.post("/v1/chat/completions", json=CHAT).json()
        answer = http.post("/v1/chat/completions", json=CHAT, headers=SPANNED)
        found = answer.json()
        assert found["result"]["choices"] == plain["choices"]
        assert (found["execution_id"], found["success"]) == ("run-7", True)
        assert found["repo_span"]["parent_span_id"] == PARENT
        (artifact,) = found["agent_spans"][0]["artifacts"]
        assert artifact["reference"] == answer.headers["x-decision-id"]

    def test_not_around_a_stream(self, http: httpx.Client) -> None:
        """Nor around the error of a request for one."""
        body = {**CHAT, "stream": True}
        answer = http.post("/v1/chat/completions", json=body, headers=SPANNED)
        assert answer.text.startswith("data: ") and "repo_span" not in answer.text
        lost = http.post("/v1/chat/completions", json={**body, "model": "x"}, headers=SPANNED)
        assert (lost.status_code, list(lost.json())) == (404, ["error"])

    @pytest.mark.parametrize("path", ["/v1/chat/completions", "/agents/route"])
    def test_a_failure_keeps_its_status(self, http: httpx.Client, path: str) -> None:
        """The plain error inside."""
        answer = http.post(path, json={**CHAT, "model": "unheard-of"}, headers=SPANNED)
        found = answer.json()
        assert (found["success"], found["repo_span"]["status"]) == (False, "failed")
        assert found["result"]["error"]["message"] == found["repo_span"]["failure_reason"]
        assert answer.status_code in (400, 404)

    @pytest.mark.parametrize("path", ["/agents", "/agents/inspect", "/agents/status", "/agents/health"])
    def test_around_the_other_answers(self, http: httpx.Client, path: str) -> None:
        """Everything under /agents."""
        assert http.get(path, headers=SPANNED).json()["success"] is True

    def test_an_invalid_parent_changes_nothing(self, http: httpx.Client) -> None:
        """The plain body."""
        headers = {"X-Parent-Span-Id": "not-a-uuid"}
        assert "choices" in http.post("/v1/chat/completions", json=CHAT, headers=headers).json()
        assert "agent_id" in http.get("/agents/status", headers=headers).json()


KEYS = """
providers:
  - {{id: up, type: openai_compatible, base_url: "http://127.0.0.1:9", api_key: upstream-secret, models: [m]}}
auth:
  mode: api_key
  keys:
    - {{id: reader, sha256: {reader}, scopes: ["agents:read"]}}
    - {{id: acme, sha256: {acme}, tenant: acme, scopes: [inference, "agents:read", "agents:write"]}}
    - {{id: other, sha256: {other}, tenant: other, scopes: ["agents:read"]}}
"""


@pytest.fixture(scope="module")
def guarded() -> Iterator[str]:
    from hashlib import sha256

    digests = {name: sha256(f"key-of-{name}".encode()).hexdigest() for name in ("reader", "acme", "other")}
    with running_gateway(configuration=KEYS.format(**digests)) as gateway:
        yield gateway.url


def as_(url: str, name: str) -> httpx.Client:
    return httpx.Client(base_url=url, trust_env=False, headers={"authorization": f"Bearer key-of-{name}"})


def test_scopes(guarded: str) -> None:
    """Reading and deciding are two rights; probes need none."""
    with as_(guarded, "reader") as reader, as_(guarded, "nobody") as nobody:
        assert reader.get("/agents/status").status_code == 200
        assert reader.post("/agents/route", json={"model": "m"}).status_code == 403
        for path in ("/agents", "/agents/inspect", "/agents/status", "/v1/decisions/x"):
            assert nobody.get(path).status_code == 401
        assert nobody.get("/agents/health").status_code == 200
        assert "upstream-secret" not in reader.get("/agents/inspect?detailed=true").text


def test_a_key_speaks_for_its_own_tenant(guarded: str) -> None:
    """Decides for no other, and sees no other's decisions."""
    with as_(guarded, "acme") as acme, as_(guarded, "other") as other, as_(guarded, "reader") as reader:
        assert acme.post("/agents/route", json={"model": "m", "tenant": "other"}).status_code == 403
        id = acme.post("/agents/route", json={"model": "m"}).json()["decision_id"]
        assert acme.get(f"/v1/decisions/{id}").status_code == 200
        assert other.get(f"/v1/decisions/{id}").status_code == 404
        assert reader.get(f"/v1/decisions/{id}").status_code == 200


def test_no_text_of_a_request_is_in_any_event() -> None:
    """Whatever form it comes in: the spool's bytes are searched for what was planted."""
    planted = {
        name: f"PLANTED-{name}" for name in ("system", "user", "tool", "metadata", "caller", "session")
    }
    chat = {
        "model": "lab/echo",
        "messages": [
            {"role": "system", "content": planted["system"]},
            {"role": "user", "content": [{"type": "text", "text": planted["user"]}]},
        ],
        "tools": [{"type": "function", "function": {"name": "f", "description": planted["tool"]}}],
        "metadata": {"note": planted["metadata"]},
        "user": planted["caller"],
    }
    with running_gateway("--lab") as gateway:
        headers = {"x-session-id": planted["session"]}
        with httpx.Client(base_url=gateway.url, trust_env=False, headers=headers) as client:
            assert client.post("/v1/chat/completions", json=chat).status_code == 200
            client.post("/v1/chat/completions", json={**chat, "stream": True})
            assert client.post("/agents/route", json={"request": chat}).status_code == 200
            client.post("/agents/route", json={"model": "lab/echo", "context": planted})
        files = [path for path in (gateway.directory / "spool").rglob("*") if path.is_file()]
        assert len(stored(gateway)) == 4
        assert not [path for path in files if b"PLANTED" in path.read_bytes()]
