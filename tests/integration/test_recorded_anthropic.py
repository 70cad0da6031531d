"""Dialect anthropic.messages against recorded traffic, with Anthropic's own SDK as the oracle."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pydantic
import pytest
from anthropic.types.message_create_params import MessageCreateParams
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from llm_gateway.adapters.dialects.anthropic_messages import AnthropicMessages
from llm_gateway.application.ports.dialect import WireTarget
from llm_gateway.domain.errors import UpstreamRefused
from tests.fakes.hub_request import FakeHubRequest
from tests.integration.anthropic_hub_form import comparable, hub_form
from tests.integration.anthropic_recordings import (
    CONTEXT,
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
_PARAMS: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(MessageCreateParams)


def _name(row: Row) -> str:
    return str(row["id"])


def _encode(row: Row) -> dict[str, Any]:
    request = FakeHubRequest(hub_form(row["req"]))
    wire = AnthropicMessages().encode(request, WireTarget(model=row["req"]["model"]))
    decoded: dict[str, Any] = msgspec.json.decode(wire.body)
    return decoded


def test_the_bundled_sample_is_there() -> None:
    """Without the whole collection beside the checkout the sample alone still exercises every kind."""
    features = {feature for row in ROWS for feature in row["feat"]}
    assert {"tool_call", "thinking", "redacted_thinking", "citations", "refusal", "req_vision"} <= features


@by_id("row", READABLE, ids=_name)
def test_an_answer_is_what_the_sdk_makes_of_it(row: Row) -> None:
    """Text, thinking, calls with complete arguments, finish reason and usage; strict both ways."""
    assert bool(difference(row)) is (row["id"] in EXPECTED_FAILURES), difference(row)


def test_expected_failures_name_rows_of_the_collection() -> None:
    """A reason for a row that no longer exists is as wrong as a missing one."""
    known = {row["id"] for row in ROWS}
    assert len(known) < 100 or known >= EXPECTED_FAILURES.keys()


@by_id("row", STREAMS, ids=_name)
def test_pieces_of_any_size_read_the_same(row: Row) -> None:
    """Where the transport cuts the bytes changes nothing."""
    body = row["body"].encode()
    whole = read_chunks(stream_bytes(body))
    for size in (7, 64) if len(body) > 20_000 else (1, 7, 64):
        assert read_chunks(stream_bytes(body, size=size)) == whole


@by_id("row", [row for row in STREAMS if len(row["body"]) < 1500], ids=_name)
def test_a_cut_at_any_byte_reads_the_same(row: Row) -> None:
    """Two pieces, parted at every offset of the stream."""
    body = row["body"].encode()
    whole = stream_bytes(body)
    assert all(stream_bytes(body, cut=offset) == whole for offset in range(len(body)))


@by_id("row", STREAMS, ids=_name)
def test_every_chunk_fits_openais_published_schema(row: Row) -> None:
    """The official SDK's own models validate each chunk strictly."""
    for event in stream_bytes(row["body"].encode()).decode().split("\n\n")[:-2]:
        ChatCompletionChunk.model_validate_json(event.removeprefix("data: "), strict=True)


@by_id("row", [row for row in READABLE if not row["stream"]], ids=_name)
def test_every_answer_fits_openais_published_schema(row: Row) -> None:
    """Nullable members that the schema requires are there."""
    body = AnthropicMessages().answer(row["body"].encode(), CONTEXT).body
    ChatCompletion.model_validate_json(body, strict=True)
    choice = json.loads(body)["choices"][0]
    assert "refusal" in choice["message"] and "logprobs" in choice


@by_id("row", [row for row in ROWS if row["status"] >= 400], ids=_name)
def test_an_error_status_keeps_its_message(row: Row) -> None:
    """Refused, with the provider's own words."""
    error = AnthropicMessages().failure(row["status"], {}, row["body"].encode())
    assert isinstance(error, UpstreamRefused)
    assert (error.status, error.message) == (row["status"], json.loads(row["body"])["error"]["message"])


@by_id("row", REQUESTS, ids=_name)
def test_a_request_is_valid_for_the_sdk(row: Row) -> None:
    """What encode makes fits the SDK's own request types."""
    _exhaust(_PARAMS.validate_python(_encode(row)))


@by_id("row", REQUESTS, ids=_name)
def test_a_request_loses_nothing_that_both_sides_can_say(row: Row) -> None:
    """Recorded request to hub form and back is the recorded request."""
    expected, made = comparable(row["req"]), comparable(_encode(row))
    assert made == expected


def _exhaust(value: Any) -> None:
    """pydantic validates an Iterable only as it is read."""
    if isinstance(value, dict):
        for member in value.values():
            _exhaust(member)
    elif isinstance(value, Iterator | list):
        for member in value:
            _exhaust(member)
