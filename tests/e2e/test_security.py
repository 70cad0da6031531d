"""Attempts that must fail, each with the documented answer; and a canary in every place where a secret is."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.e2e.gateway_process import GatewayProcess, running_gateway
from tests.e2e.lab_process import LabProcess

CHAT = "/v1/chat/completions"
ASK = {"model": "lab/echo", "messages": [{"role": "user", "content": "hi"}]}
CANARIES = {
    name: f"canary-{name}-3f9a0c"
    for name in ("client", "environment", "provider", "header", "ruvector", "webhook", "wrong")
}
FILE = """
providers:
{lab}
  - id: other
    type: openai_compatible
    base_url: http://127.0.0.1:9/v1
    api_key: ${{PROVIDER_CANARY}}
    headers: {{x-api-secret: {header}}}
    models: [refused]
auth:
  mode: api_key
  metrics: authenticated
  keys:
    - {{id: all, sha256: {client}, scopes: [admin]}}
    - {{id: acme, sha256: {acme}, tenant: acme, scopes: [inference, "agents:read"]}}
    - {{id: over, sha256: {over}, expires: "2001-01-01T00:00:00Z"}}
"""


@dataclass(frozen=True)
class Guarded:
    gateway: GatewayProcess
    http: httpx.Client

    def as_(self, key: str) -> dict[str, str]:
        return {"authorization": f"Bearer {key}"}


def digest(key: str) -> str:
    return sha256(key.encode()).hexdigest()


@pytest.fixture(scope="module")
def guarded(lab: LabProcess) -> Iterator[Guarded]:
    text = FILE.format(
        lab=lab.provider("lab"),
        header=CANARIES["header"],
        client=digest(CANARIES["client"]),
        acme=digest("key-of-acme"),
        over=digest("key-that-is-over"),
    )
    environment = {
        "PROVIDER_CANARY": CANARIES["provider"],
        "LLM_GATEWAY_API_KEYS": CANARIES["environment"],
        "OPTIMIZER_WEBHOOK_SECRET": CANARIES["webhook"],
        "RUVECTOR_API_KEY": CANARIES["ruvector"],
        "RUVECTOR_SERVICE_URL": "http://127.0.0.1:9",
        "PLATFORM_ENV": "prod",
    }
    with ExitStack() as stack:
        gateway = stack.enter_context(
            running_gateway("--log-level", "debug", configuration=text, environment=environment)
        )
        yield Guarded(gateway, stack.enter_context(httpx.Client(base_url=gateway.url, trust_env=False)))


PROTECTED = [
    ("POST", CHAT),
    ("GET", "/v1/models"),
    ("GET", "/agents"),
    ("GET", "/agents/inspect"),
    ("GET", "/agents/status"),
    ("POST", "/agents/route"),
    ("POST", "/agents/route/audit"),
    ("GET", "/v1/decisions/x"),
    ("GET", "/v1/models/lab/echo"),
    ("GET", "/api/v1/weights"),
    ("GET", "/api/v1/routing/decisions"),
    ("GET", "/api/v1/traffic/stats"),
    ("GET", "/api/v1/health"),
    ("GET", "/metrics"),
]


@pytest.mark.parametrize(("method", "path"), PROTECTED)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": f"Bearer {CANARIES['wrong']}"},
        {"authorization": "Bearer"},
        {"authorization": "Bearer key-that-is-over"},
        {"authorization": f"Basic {CANARIES['client']}"},
        {"x-api-key": CANARIES["client"][:-1]},
        {"x-api-key": CANARIES["client"] + "0"},
        {"x-api-key": digest(CANARIES["client"])},
        {"cookie": f"authorization=Bearer {CANARIES['client']}"},
        {"x-forwarded-for": "127.0.0.1", "x-original-url": "/live", "x-rewrite-url": "/live"},
        {"x-http-method-override": "OPTIONS", "x-tenant-id": "acme"},
    ],
)
def test_without_a_good_key_nothing_is_answered(
    guarded: Guarded, method: str, path: str, headers: dict[str, str]
) -> None:
    """401 in OpenAI's shape, with the scheme to use."""
    answer = guarded.http.request(method, path, json=ASK if method == "POST" else None, headers=headers)
    assert answer.status_code == 401, answer.text
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["error"]["code"] == "invalid_api_key"
    assert not [canary for canary in CANARIES.values() if canary in answer.text]


def test_every_operation_that_wants_a_key_is_among_them(guarded: Guarded) -> None:
    """By the gateway's own document."""
    paths = guarded.http.get("/openapi.json").json()["paths"]
    wanting = [
        (method.upper(), re.sub(r"{\w+}", ".+", path))
        for path, operations in paths.items()
        for method, operation in operations.items()
        if {"bearer": []} in operation.get("security", [])
    ]
    tried = [pair for pair in wanting if any(m == pair[0] and re.fullmatch(pair[1], p) for m, p in PROTECTED)]
    assert len(wanting) >= 13 and tried == wanting


@pytest.mark.parametrize(
    "target",
    [
        "//v1/chat/completions",
        "/v1//chat/completions",
        "/v1/./chat/completions",
        "/live/../v1/chat/completions",
        "/live/%2e%2e/v1/chat/completions",
        "/V1/Chat/Completions",
        "/v1/chat/completions/",
        "/v1/chat/completions;x=1",
        "/v1/chat/completions%00",
        "/v1%2fchat%2fcompletions",
        "/v1/chat/completions%20",
        "/agents/inspect/../../live",
        "/%61gents/status",
        "/metrics/",
        "/api/v1/weights/..",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_other_spelling_of_a_path_gets_round_the_key(guarded: Guarded, target: str, method: str) -> None:
    """Taken as another path (404), or as the protected one (401): never answered."""
    url = urlsplit(guarded.gateway.url)
    body = json.dumps(ASK).encode()
    head = (
        f"{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((url.hostname or "", url.port or 0), timeout=10) as raw:
        raw.sendall(head.encode() + body)
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    assert answer[9:12] in (b"401", b"404", b"405", b"307"), answer
    assert b"choices" not in answer and b"agent_id" not in answer


@pytest.mark.parametrize("headers", [{"X-HTTP-Method-Override": "POST"}, {"X-Method-Override": "POST"}])
def test_a_method_is_what_the_request_line_says(guarded: Guarded, headers: dict[str, str]) -> None:
    answer = guarded.http.get(CHAT, headers={**headers, **guarded.as_(CANARIES["client"])})
    assert answer.status_code == 405


@pytest.mark.parametrize("name", ["authorization", "x-api-key", "x-tenant-id"])
@pytest.mark.parametrize(("method", "path"), [("POST", CHAT), ("GET", "/agents/status")])
def test_two_answers_to_who_is_asking_are_none(guarded: Guarded, name: str, method: str, path: str) -> None:
    """On both planes: a proxy in front may have looked at the other one."""
    value = f"Bearer {CANARIES['client']}" if name == "authorization" else CANARIES["client"]
    answer = guarded.http.request(method, path, headers=[(name, value), (name, "other")])
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "duplicate_header")


def test_a_tenants_key_speaks_for_no_other(guarded: Guarded) -> None:
    """403 whether it says so in a header or asks for a decision; its own tenant may be named."""
    acme = guarded.as_("key-of-acme")
    assert guarded.http.post(CHAT, json=ASK, headers={**acme, "x-tenant-id": "acme"}).status_code == 200
    refused = guarded.http.post(CHAT, json=ASK, headers={**acme, "x-tenant-id": "other"})
    assert (refused.status_code, refused.json()["error"]["type"]) == (403, "permission_error")


def test_a_key_that_may_names_a_tenant(guarded: Guarded) -> None:
    """And the event has it."""
    headers = {**guarded.as_(CANARIES["client"]), "x-tenant-id": "acme"}
    id = guarded.http.post(CHAT, json=ASK, headers=headers).headers["x-decision-id"]
    own = guarded.http.get(f"/v1/decisions/{id}", headers=guarded.as_("key-of-acme"))
    assert own.status_code == 200 and own.json()["decision_event"]["execution_ref"] == id


def test_refusals_are_counted_by_reason(guarded: Guarded) -> None:
    """And nothing of what was presented is a label."""
    guarded.http.get("/agents/status", headers=guarded.as_(CANARIES["wrong"]))
    page = guarded.http.get("/metrics", headers=guarded.as_(CANARIES["client"])).text
    assert 'llm_gateway_auth_refused_total{reason="unknown"}' in page
    assert CANARIES["wrong"] not in page


def test_a_browser_of_another_origin_is_told_nothing(guarded: Guarded) -> None:
    """CORS is off."""
    answer = guarded.http.options(
        CHAT, headers={"origin": "https://evil.example", "access-control-request-method": "POST"}
    )
    assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(("method", "path"), [("POST", CHAT), ("GET", "/agents/status")])
def test_a_page_that_somebody_looks_at_cannot_use_the_gateway_on_their_machine(
    gateway: GatewayProcess, method: str, path: str
) -> None:
    """Nobody is asked for a key there; browsers send a form's POST, and a rebound name's, without asking."""
    headers = {"origin": "https://evil.example", "content-type": "text/plain"}
    answer = httpx.request(
        method, f"{gateway.url}{path}", content=json.dumps(ASK), headers=headers, trust_env=False
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "foreign_origin")


def test_hundreds_of_silent_connections_keep_nobody_out(guarded: Guarded) -> None:
    url = urlsplit(guarded.gateway.url)
    with ExitStack() as stack:
        for _ in range(300):
            raw = stack.enter_context(socket.create_connection((url.hostname or "", url.port or 0)))
            raw.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        answer = guarded.http.post(CHAT, json=ASK, headers=guarded.as_(CANARIES["client"]))
    assert answer.status_code == 200


def pages(guarded: Guarded) -> Iterator[str]:
    """Everything that the gateway will say: answers, errors, its own pages, with headers."""
    everything: list[tuple[str, str, Any]] = [
        ("POST", CHAT, ASK),
        ("POST", CHAT, {**ASK, "stream": True}),
        ("POST", CHAT, {**ASK, "model": "refused"}),
        ("POST", CHAT, {**ASK, "model": "unheard-of"}),
        ("POST", CHAT, []),
        ("POST", "/agents/route", {"model": "refused"}),
        ("POST", "/agents/route/audit", {"model": "lab/echo"}),
        ("GET", "/agents/inspect?detailed=true", None),
        ("GET", "/openapi.json", None),
        ("GET", "/health", None),
        ("GET", "/ready", None),
        *((method, path, None) for method, path in PROTECTED if method == "GET"),
    ]
    for key in (CANARIES["client"], CANARIES["environment"], CANARIES["wrong"]):
        for method, path, body in everything:
            answer = guarded.http.request(method, path, json=body, headers=guarded.as_(key))
            yield f"{method} {path} {answer.headers} {answer.text}"


def test_no_canary_is_ever_shown(guarded: Guarded) -> None:
    """Not in an answer, a log line, an event, a metric, or any file that the gateway writes."""
    said = list(pages(guarded))
    said += [guarded.gateway.stdout, guarded.gateway.stderr]
    for path in guarded.gateway.directory.rglob("*"):
        if path.is_file() and path.name != "gateway.yaml":
            said.append(path.read_bytes().decode("utf-8", "replace"))
    found = {(name, text[:200]) for name, canary in CANARIES.items() for text in said if canary in text}
    assert not found
