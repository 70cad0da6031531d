"""Dialect google.generate_content against recorded traffic, with Google's own SDK as the oracle."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from google.genai import types
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from llm_gateway.adapters.dialects.google_generate_content import GoogleGenerateContent
from llm_gateway.application.ports.dialect import WireTarget
from llm_gateway.domain.errors import UpstreamRefused, UpstreamRejected
from tests.integration.google_comparison import comparable
from tests.integration.google_hub_form import camel, hub_form
from tests.integration.google_recordings import (
    CONTEXT,
    ERRORS,
    EXPECTED_FAILURES,
    READABLE,
    REQUESTS,
    ROWS,
    STREAMS,
    Row,
    difference,
    read_chunks,
    stream_bytes,
)

by_id = pytest.mark.parametrize


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
    features = {feature for row in ROWS for feature in row["feat"]}
    assert {"tool_call", "thinking", "cached", "citations", "refusal", "req_vision", "error"} <= features


@by_id("row", READABLE, ids=_name)
def test_an_answer_is_what_the_sdk_makes_of_it(row: Row) -> None:
    """Text, thinking, calls with complete arguments, finish reason and usage; strict both ways."""
    assert bool(difference(row)) is (row["id"] in EXPECTED_FAILURES), difference(row)


def test_expected_failures_name_rows_of_the_collection() -> None:
    """A reason for a row that no longer exists is as wrong as a missing one."""
    assert {row["id"] for row in ROWS} >= EXPECTED_FAILURES.keys()


@by_id("row", STREAMS, ids=_name)
def test_pieces_of_any_size_read_the_same(row: Row) -> None:
    """Where the transport cuts the bytes changes nothing."""
    body = row["body"].encode()
    whole = read_chunks(stream_bytes(body))
    for size in (1, 7, 64):
        assert read_chunks(stream_bytes(body, size=size)) == whole


@by_id("row", [row for row in STREAMS if len(row["body"]) < 1500], ids=_name)
def test_a_cut_at_any_byte_reads_the_same(row: Row) -> None:
    """Two pieces, parted at every offset of the stream."""
    body = row["body"].encode()
    whole = stream_bytes(body)
    assert all(stream_bytes(body, cut=offset) == whole for offset in range(len(body)))


@by_id("row", STREAMS, ids=_name)
def test_the_same_answer_as_a_json_array_reads_the_same(row: Row) -> None:
    """Without `alt=sse` Google streams the very events as one JSON array."""
    body = row["body"].replace("\r\n", "\n")
    events = [event.strip()[len("data:") :] for event in body.split("\n\n") if event.strip()]
    array = ("[" + ",\n".join(events) + "\n]").encode()
    assert stream_bytes(array, size=64) == stream_bytes(body.encode())


@by_id("row", STREAMS, ids=_name)
def test_every_chunk_fits_openais_published_schema(row: Row) -> None:
    """The official SDK's own models validate each chunk strictly."""
    for event in stream_bytes(row["body"].encode()).decode().split("\n\n")[:-2]:
        ChatCompletionChunk.model_validate_json(event.removeprefix("data: "), strict=True)


@by_id("row", [row for row in READABLE if not row["stream"]], ids=_name)
def test_every_answer_fits_openais_published_schema(row: Row) -> None:
    """Nullable members that the schema requires are there."""
    body = GoogleGenerateContent().answer(row["body"].encode(), CONTEXT).body
    ChatCompletion.model_validate_json(body, strict=True)
    choice = json.loads(body)["choices"][0]
    assert "refusal" in choice["message"] and "logprobs" in choice


@by_id("row", ERRORS, ids=_name)
def test_an_error_status_keeps_its_message(row: Row) -> None:
    """Rejected or refused by its status, in the provider's own words but for URL queries."""
    error = GoogleGenerateContent().failure(row["status"], {}, row["body"].encode())
    assert type(error) is (UpstreamRejected if row["status"] == 429 else UpstreamRefused)
    said = json.loads(row["body"])["error"]["message"]
    assert (error.status, error.message[:60]) == (row["status"], said[:60])


@by_id("row", REQUESTS, ids=_name)
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


@by_id("row", REQUESTS, ids=_name)
def test_a_request_loses_nothing_that_both_sides_can_say(row: Row) -> None:
    """Recorded request to hub form and back is the recorded request."""
    assert comparable(_encode(row), _model(row)) == comparable(camel(row["req"]), _model(row))
