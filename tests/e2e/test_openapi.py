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


GUARDED = {(method, path) for method, path in ENDPOINTS if path.startswith(("/v1", "/agents"))} - {
    ("get", "/agents/health")
}


def test_no_answer_is_a_422(document: dict[str, Any]) -> None:
    """Bad parameters get a 400, and its schema is the gateway's own."""
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert not [operation["operationId"] for operation in operations if "422" in operation["responses"]]
    assert "HTTPValidationError" not in document["components"]["schemas"]


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("/agents/inspect?detailed=perhaps", "/agents/inspect"),
        ("/api/v1/routing/decisions?limit=0", "/api/v1/routing/decisions"),
    ],
)
def test_bad_parameters_are_answered_as_it_says(
    http: httpx.Client, document: dict[str, Any], asked: str, path: str
) -> None:
    """400 in the error shape."""
    answer = http.get(asked)
    assert answer.status_code == 400
    jsonschema.validate(answer.json(), schema_of(document, "get", path, "400"))


@pytest.mark.parametrize(("method", "path"), sorted(GUARDED | {("get", "/api/v1/weights")}))
def test_guarded_endpoints_name_their_credentials(document: dict[str, Any], method: str, path: str) -> None:
    """A bearer or a key in its header, and what refuses them."""
    operation = document["paths"][path][method]
    assert operation["security"] == [{"bearer": []}, {"api_key": []}]
    assert operation["responses"].keys() >= {"400", "401", "403"}


def test_the_credentials(document: dict[str, Any]) -> None:
    """Of the kinds that the gateway reads; metrics may be open, probes always are."""
    schemes = document["components"]["securitySchemes"]
    assert (schemes["bearer"]["type"], schemes["bearer"]["scheme"]) == ("http", "bearer")
    assert (schemes["api_key"]["in"], schemes["api_key"]["name"]) == ("header", "x-api-key")
    metrics = document["paths"]["/metrics"]["get"]
    assert {} in metrics["security"] and metrics["responses"].keys() >= {"200", "401", "403"}
    for path in ("/health", "/live", "/ready", "/agents/health"):
        assert "security" not in document["paths"][path]["get"]
