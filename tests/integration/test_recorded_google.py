"""Dialect google.generate_content against recorded traffic, with Google's own SDK as the oracle."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from google.genai import types

from llm_gateway.adapters.dialects.google_generate_content import GoogleGenerateContent
from llm_gateway.application.ports.dialect import WireTarget
from llm_gateway.domain.errors import UpstreamRefused, UpstreamRejected
from tests.integration.google_comparison import comparable
from tests.integration.google_hub_form import camel, hub_form
from tests.integration.google_recordings import GOOGLE
from tests.integration.recordings import Row

by_id = pytest.mark.parametrize
# One recording shows Google refusing a role that it does not know; the hub has no such role to begin with.
_REQUESTS = [
    row for row in GOOGLE.rows if isinstance(row["req"], dict) and "invalid_role" not in str(row["req"])
]


def _name(row: Row) -> str:
    return str(row["id"])


def _model(row: Row) -> str:
    return row["model"] or "gemini-3-flash-preview"


def _encode(row: Row) -> dict[str, Any]:
    request = hub_form(camel(row["req"]), _model(row), stream=row["stream"])
    wire = GoogleGenerateContent().encode(request, WireTarget(model=_model(row)))
    decoded: dict[str, Any] = msgspec.json.decode(wire.body)
    return decoded


def test_the_bundled_sample_is_there() -> None:
    """Without the whole collection beside the checkout the sample alone still exercises every kind."""
    features = {feature for row in GOOGLE.rows for feature in row["feat"]}
    assert {"tool_call", "thinking", "cached", "citations", "refusal", "req_vision", "error"} <= features
    assert {row["id"] for row in GOOGLE.rows} >= GOOGLE.failures.keys()


@by_id("row", GOOGLE.streams, ids=_name)
def test_the_same_answer_as_a_json_array_reads_the_same(row: Row) -> None:
    """Without `alt=sse` Google streams the very events as one JSON array."""
    body = row["body"].replace("\r\n", "\n")
    events = [event.strip()[len("data:") :] for event in body.split("\n\n") if event.strip()]
    array = ("[" + ",\n".join(events) + "\n]").encode()
    assert GOOGLE.stream_bytes(array, size=64) == GOOGLE.stream_bytes(body.encode())


@by_id("row", [row for row in GOOGLE.rows if row["status"] >= 400], ids=_name)
def test_an_error_status_keeps_its_message(row: Row) -> None:
    """Rejected or refused by its status, in the provider's own words but for URL queries."""
    error = GoogleGenerateContent().failure(row["status"], {}, row["body"].encode())
    assert type(error) is (UpstreamRejected if row["status"] == 429 else UpstreamRefused)
    said = json.loads(row["body"])["error"]["message"]
    assert (error.status, error.message[:60]) == (row["status"], said[:60])


@by_id("row", _REQUESTS, ids=_name)
def test_a_request_is_valid_for_the_sdk(row: Row) -> None:
    """What encode makes fits the SDK's own types, which forbid every field that they do not know."""
    wire = _encode(row)
    for content in [*wire.pop("contents"), wire.pop("systemInstruction", {"parts": []})]:
        types.Content.model_validate(content)
    for tool in wire.pop("tools", []):
        types.Tool.model_validate(tool)
    types.ToolConfig.model_validate(wire.pop("toolConfig", {}))
    types.GenerationConfig.model_validate(wire.pop("generationConfig", {}))
    for setting in wire.pop("safetySettings", []):
        types.SafetySetting.model_validate(setting)
    assert wire.keys() <= {"cachedContent", "serviceTier"}


@by_id("row", _REQUESTS, ids=_name)
def test_a_request_loses_nothing_that_both_sides_can_say(row: Row) -> None:
    """Recorded request to hub form and back is the recorded request."""
    assert comparable(_encode(row), _model(row)) == comparable(camel(row["req"]), _model(row))
