"""The optimizer's webhook at a started gateway: two workers, one configuration file, real sockets."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from tests.e2e.child import clean_environment, wait_for
from tests.e2e.gateway_process import COMMAND, GatewayProcess, running_gateway
from tests.samples.webhooks import SECRET, compact, headers, payload, weight

CONFIGURATION = """
providers:
  - {id: one, type: openai_compatible, base_url: "http://127.0.0.1:9/v1", api_key: k, models: [m]}
  - {id: two, type: openai_compatible, base_url: "http://127.0.0.1:9/v1", api_key: k, models: [m]}
auth: {mode: none}
"""
ENVIRONMENT = {"OPTIMIZER_WEBHOOK_SECRET": SECRET}
PATH = "/agents/rules/updates"
_numbers = count()


@pytest.fixture(scope="module")
def pair() -> Iterator[GatewayProcess]:
    with running_gateway("--workers", "2", configuration=CONFIGURATION, environment=ENVIRONMENT) as gateway:
        wait_for(lambda: get(gateway, "/agents/status")["workers"]["reporting"] == 2)
        yield gateway


def get(gateway: GatewayProcess, path: str) -> Any:
    """On a connection of its own: the kernel picks the worker."""
    return httpx.get(f"{gateway.url}{path}", trust_env=False).json()


def post(gateway: GatewayProcess, document: dict[str, Any], **changed: Any) -> httpx.Response:
    """`changed` are headers of its own, `body` another body."""
    body = changed.pop("body", compact(document)).encode()
    sent = {**headers(document), **{name.replace("_", "-"): value for name, value in changed.items()}}
    return httpx.post(f"{gateway.url}{PATH}", content=body, headers=sent, trust_env=False)


def fresh(*changes: dict[str, Any], **members: Any) -> dict[str, Any]:
    return payload(f"event-{next(_numbers)}", *changes, **members)


def everywhere(gateway: GatewayProcess, snapshot_hash: str) -> None:
    """Until both workers say that it is in force."""

    def reported() -> bool:
        return {get(gateway, "/health")["snapshot_hash"] for _ in range(12)} == {snapshot_hash}

    wait_for(reported)


def weight_of_one(gateway: GatewayProcess) -> int:
    found: int = get(gateway, "/api/v1/weights")["providers"][0]["weight"]
    return found


def history(gateway: GatewayProcess) -> list[dict[str, Any]]:
    """What `llm-gateway config history` shows, newest first."""
    kept = sorted((gateway.directory / "spool" / "configuration" / "history").glob("*.json"), reverse=True)
    return [{"id": file.stem, **json.loads(file.read_text())} for file in kept]


def revert(gateway: GatewayProcess, version: str) -> None:
    environment = clean_environment({"LLM_GATEWAY_SPOOL_DIR": str(gateway.directory / "spool")})
    config = ("--config", str(gateway.directory / "gateway.yaml"))
    subprocess.run((*COMMAND, "config", "revert", version, *config), env=environment, check=True)


def test_changes_reach_every_worker_and_can_be_reverted(pair: GatewayProcess) -> None:
    """The answer names the snapshot and the version; the history the event."""
    before = get(pair, "/health")["snapshot_hash"]
    oldest = history(pair)[-1]["id"]
    document = fresh(weight(7, old_value=100))
    answer = post(pair, document).json()
    assert answer["status"] == "applied"
    assert answer["changes"] == [
        {"parameter": "providers.one.weight", "new_value": 7, "change_type": "replace"}
    ]
    everywhere(pair, answer["snapshot_hash"])
    assert weight_of_one(pair) == 7
    newest = history(pair)[0]
    assert (newest["id"], newest["reason"]) == (answer["version"], f"optimizer {document['id']}")
    revert(pair, oldest)
    everywhere(pair, before)
    assert {post(pair, document).json()["status"] for _ in range(8)} == {"already_seen"}
    assert get(pair, "/health")["snapshot_hash"] == before


def test_refused_changes_change_nothing(pair: GatewayProcess) -> None:
    """422 with the reason for each; an update that somebody else's came before is one of them."""
    before = get(pair, "/health")["snapshot_hash"]
    document = fresh(weight(8), weight(9, old_value=1), {"parameter": "auth.mode", "new_value": "none"})
    answer = post(pair, document)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert (error["code"], error["type"]) == ("invalid_configuration", "invalid_request_error")
    assert [change["parameter"] for change in error["changes"]] == ["providers.one.weight", "auth.mode"]
    assert "is 8 now, not 1" in error["changes"][0]["reason"]
    assert {get(pair, "/health")["snapshot_hash"] for _ in range(8)} == {before}


@pytest.mark.parametrize(
    "changed",
    [
        {"X_Webhook_Signature": "0" * 64},
        {"X_Webhook_Signature": "é".encode()},
        {"X_Webhook_Timestamp": "1"},
        {"X_Webhook_Timestamp": "soon"},
        {"X_Webhook_Event_Id": "another"},
        {"body": "no JSON"},
        {"body": "[" * 100_000},
        {"body": compact(payload("x", weight(1_000)))},
    ],
)
def test_what_was_not_signed_is_not_let_in(pair: GatewayProcess, changed: dict[str, Any]) -> None:
    """401 in OpenAI's shape, whatever is wrong with it."""
    answer = post(pair, fresh(weight(11)), **changed)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "invalid_signature"
    assert SECRET not in answer.text
    assert weight_of_one(pair) != 11


def test_refusals_are_counted(pair: GatewayProcess) -> None:
    """Beside those of keys."""

    def counted() -> bool:
        page = httpx.get(f"{pair.url}/metrics", trust_env=False).text
        return 'llm_gateway_auth_refused_total{reason="signature"}' in page

    post(pair, fresh(), X_Webhook_Signature="no")
    wait_for(counted)


def test_a_body_that_is_too_large_is_not_read(pair: GatewayProcess) -> None:
    """Signed or not."""
    answer = post(pair, fresh(weight(11), metadata={"padding": "x" * 300_000}))
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "request_too_large"


def test_notices_are_taken_and_ignored(pair: GatewayProcess) -> None:
    """The optimizer sends them to every target that has no filter; what nobody knows is refused."""
    notice = fresh(eventType="health.check", data={})
    assert post(pair, notice).json()["status"] == "ignored"
    assert post(pair, fresh(eventType="rules.mystery", data={})).status_code == 422


def test_updates_at_once_follow_each_other(pair: GatewayProcess) -> None:
    """On two workers: none is lost, and each is taken in once though it is sent twice."""
    documents = [
        fresh({"parameter": f"routing.aliases.a{number}", "new_value": ["one/m"], "change_type": "add"})
        for number in range(6)
    ]
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda document: post(pair, document), documents * 2))
    assert sorted(a.json()["status"] for a in answers) == ["already_seen"] * 6 + ["applied"] * 6
    aliases = {f"a{number}" for number in range(6)}
    for _ in range(8):  # whichever worker
        wait_for(lambda: aliases <= {model["id"] for model in get(pair, "/v1/models")["data"]})


def test_the_document_tells_the_truth(pair: GatewayProcess) -> None:
    """Of the answers and of the headers."""
    document = get(pair, "/openapi.json")
    operation = document["paths"][PATH]["post"]
    for sent, status in ((fresh(weight(12)), "200"), (fresh(weight(0)), "422"), (fresh(data=1), "400")):
        answer = post(pair, sent)
        assert answer.status_code == int(status)
        schema = operation["responses"][status]["content"]["application/json"]["schema"]
        jsonschema.validate(answer.json(), {**schema, "components": document["components"]})
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    jsonschema.validate(fresh(weight(12)), body)
    assert operation["security"] == [{"webhook_signature": []}]


def test_the_documented_commands_work(pair: GatewayProcess) -> None:
    """As they stand in docs/optimizer.md."""
    text = (Path(__file__).parents[2] / "docs" / "optimizer.md").read_text()
    commands = re.search(r"```sh\n(.*?)```", text, re.DOTALL)
    assert commands is not None
    environment = clean_environment({"URL": pair.url, "OPTIMIZER_WEBHOOK_SECRET": SECRET})
    ran = subprocess.run(["sh", "-c", commands[1]], env=environment, capture_output=True, check=True)
    assert json.loads(ran.stdout)["status"] == "applied"


def test_changes_and_events_outlive_a_restart() -> None:
    """With one worker as with two."""
    spool = {"LLM_GATEWAY_SPOOL_DIR": ""}
    document = payload("before", weight(7))
    with running_gateway(configuration=CONFIGURATION, environment=ENVIRONMENT) as first:
        assert post(first, document).json()["status"] == "applied"
        first.stop()
        spool["LLM_GATEWAY_SPOOL_DIR"] = str(first.directory / "spool")
        with running_gateway(configuration=CONFIGURATION, environment={**ENVIRONMENT, **spool}) as second:
            assert weight_of_one(second) == 7
            assert post(second, document).json()["status"] == "already_seen"
