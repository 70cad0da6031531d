"""Dialect anthropic.messages against recorded traffic, with Anthropic's own SDK as the oracle."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pydantic
import pytest
from anthropic.types.message_create_params import MessageCreateParams

from llm_gateway.adapters.dialects.anthropic_messages import AnthropicMessages
from llm_gateway.application.ports.dialect import WireTarget
from llm_gateway.domain.errors import UpstreamRefused
from tests.fakes.hub_request import FakeHubRequest
from tests.integration.anthropic_hub_form import comparable, hub_form
from tests.integration.anthropic_recordings import ANTHROPIC
from tests.integration.recordings import Row

by_id = pytest.mark.parametrize
_REQUESTS = [row for row in ANTHROPIC.rows if isinstance(row["req"], dict)]
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
    features = {feature for row in ANTHROPIC.rows for feature in row["feat"]}
    assert {"tool_call", "thinking", "redacted_thinking", "citations", "refusal", "req_vision"} <= features


@by_id("row", [row for row in ANTHROPIC.rows if row["status"] >= 400], ids=_name)
def test_an_error_status_keeps_its_message(row: Row) -> None:
    """Refused, with the provider's own words."""
    error = AnthropicMessages().failure(row["status"], {}, row["body"].encode())
    assert isinstance(error, UpstreamRefused)
    assert (error.status, error.message) == (row["status"], json.loads(row["body"])["error"]["message"])


@by_id("row", _REQUESTS, ids=_name)
def test_a_request_is_valid_for_the_sdk(row: Row) -> None:
    """What encode makes fits the SDK's own request types."""
    _exhaust(_PARAMS.validate_python(_encode(row)))


@by_id("row", _REQUESTS, ids=_name)
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
