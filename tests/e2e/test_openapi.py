"""The OpenAPI document: complete, valid, and true."""

from __future__ import annotations

from typing import Any

import httpx
import jsonschema
import pytest
from openapi_spec_validator import validate

ENDPOINTS = {
    ("post", "/v1/chat/completions"),
    ("get", "/v1/models"),
    ("get", "/v1/models/{model_id}"),
    ("get", "/health"),
    ("get", "/live"),
    ("get", "/ready"),
    ("get", "/metrics"),
    ("get", "/agents"),
    ("get", "/agents/health"),
    ("get", "/agents/inspect"),
    ("get", "/agents/status"),
    ("post", "/agents/route"),
    ("post", "/agents/route/audit"),
    ("get", "/v1/decisions/{decision_id}"),
}
CHAT = {"model": "lab/echo", "messages": [{"role": "user", "content": "hi"}]}


@pytest.fixture
def document(http: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = http.get("/openapi.json").json()
    return found


def schema_of(document: dict[str, Any], method: str, path: str, status: str) -> dict[str, Any]:
    """The schema of an answer, with the components that it refers to."""
    answer = document["paths"][path][method]["responses"][status]
    schema: dict[str, Any] = answer["content"]["application/json"]["schema"]
    return {**schema, "components": document["components"]}


def test_it_is_valid(document: dict[str, Any]) -> None:
    """By the specification that it names."""
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_it_lists_every_endpoint(document: dict[str, Any]) -> None:
    """Both planes, the inference plane though FastAPI does not serve it."""
    listed = {(method, path) for path, methods in document["paths"].items() for method in methods}
    assert listed >= ENDPOINTS


@pytest.mark.parametrize("path", ["/health", "/live", "/ready", "/v1/models"])
def test_answers_are_what_it_says(http: httpx.Client, document: dict[str, Any], path: str) -> None:
    """Each probe and list against its own schema."""
    jsonschema.validate(http.get(path).json(), schema_of(document, "get", path, "200"))


@pytest.mark.parametrize(("model", "status"), [("lab/echo", 200), ("lab/400", 400), ("nobody", 404)])
def test_chat_answers_are_what_it_says(
    http: httpx.Client, document: dict[str, Any], model: str, status: int
) -> None:
    """A completion, and errors, of the plane that FastAPI does not check."""
    answer = http.post("/v1/chat/completions", json={**CHAT, "model": model})
    assert answer.status_code == status
    jsonschema.validate(answer.json(), schema_of(document, "post", "/v1/chat/completions", str(status)))


def test_the_request_schema_agrees_with_the_decoder(http: httpx.Client, document: dict[str, Any]) -> None:
    """What it forbids is refused, what it allows is taken."""
    content = document["paths"]["/v1/chat/completions"]["post"]["requestBody"]["content"]
    schema = {**content["application/json"]["schema"], "components": document["components"]}
    for more in ({}, {"n": 0}, {"messages": []}, {"model": ""}, {"stream": "maybe"}, {"max_tokens": 1}):
        body = {**CHAT, **more}
        allowed = jsonschema.Draft202012Validator(schema).is_valid(body)
        assert (http.post("/v1/chat/completions", json=body).status_code == 200) is allowed, more
