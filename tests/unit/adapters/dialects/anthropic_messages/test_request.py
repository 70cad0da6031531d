"""A whole hub request as a Messages API body."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llm_gateway.adapters.dialects.anthropic_messages.request import encode_request
from llm_gateway.application.ports.dialect import WireTarget
from llm_gateway.domain.errors import GatewayError, InvalidRequest, UnsupportedParameter
from tests.fakes.hub_request import FakeHubRequest

OLD, NEW = "claude-sonnet-4-20250514", "claude-opus-4-8"


def encode(model: str = OLD, *, target: dict[str, Any] | None = None, **document: Any) -> dict[str, Any]:
    request = FakeHubRequest({"model": "hub", "messages": [{"role": "user", "content": "hi"}], **document})
    made: dict[str, Any] = msgspec.json.decode(
        encode_request(request, WireTarget(model=model, **(target or {}))).body
    )
    return made


def test_the_least_request() -> None:
    """The model's own name, the limit that the API demands, the message."""
    assert encode() == {
        "model": OLD,
        "max_tokens": 64_000,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
    }


def test_path_and_headers() -> None:
    """The version header is part of the wire format; the key is not here."""
    request = FakeHubRequest({"messages": [{"role": "user", "content": "hi"}]})
    wire = encode_request(request, WireTarget(model=OLD))
    assert wire.path == "/v1/messages"
    assert dict(wire.headers) == {b"content-type": b"application/json", b"anthropic-version": b"2023-06-01"}


@pytest.mark.parametrize(
    ("document", "target", "limit"),
    [
        ({"max_tokens": 5}, {}, 5),
        ({"max_tokens": 5, "max_completion_tokens": 6}, {}, 6),
        ({"max_tokens": 9000}, {"max_output_tokens": 8192}, 8192),
        ({}, {"max_output_tokens": 4096}, 4096),
        ({}, {"max_output_tokens": 4096, "options": {"default_max_tokens": 100}}, 100),
    ],
)
def test_the_limit_comes_from_the_first_that_knows(
    document: dict[str, Any], target: dict[str, Any], limit: int
) -> None:
    """Client, option, model, generation; never above the model's own."""
    assert encode(target=target, **document)["max_tokens"] == limit


def test_neutral_values_are_dropped_silently() -> None:
    """They ask for nothing."""
    neutral = {"n": 1, "logprobs": False, "presence_penalty": 0.0, "logit_bias": {}, "modalities": ["text"]}
    assert encode(NEW, **neutral, temperature=1, top_p=1.0, seed=None) == encode(NEW)


@pytest.mark.parametrize("name", ["n", "seed", "frequency_penalty", "logit_bias", "functions"])
def test_what_has_no_counterpart_is_named(name: str) -> None:
    """Unless configuration allows to drop it."""
    values: dict[str, Any] = {"n": 2, "seed": 7, "frequency_penalty": 0.5, "logit_bias": {"1": 5}}
    document = {name: values.get(name, [{"name": "f"}])}
    with pytest.raises(UnsupportedParameter) as caught:
        encode(**document)
    assert caught.value.param == name
    assert encode(target={"drop_parameters": frozenset({name})}, **document) == encode()


@pytest.mark.parametrize(
    ("model", "document", "param"),
    [
        (NEW, {"temperature": 0.2}, "temperature"),
        ("claude-sonnet-4-5", {"temperature": 0.2, "top_p": 0.5}, "top_p"),
        (OLD, {"temperature": 0.2, "reasoning_effort": "low"}, "temperature"),
    ],
)
def test_sampling_that_the_model_refuses_is_named(model: str, document: dict[str, Any], param: str) -> None:
    """The API would answer 400."""
    with pytest.raises(UnsupportedParameter) as caught:
        encode(model, **document)
    assert caught.value.param == param


def test_sampling_that_the_model_takes_passes() -> None:
    """A temperature above the range is capped, as Anthropic's own OpenAI endpoint does."""
    made = encode(temperature=1.7, top_p=0.9, top_k=5)
    assert (made["temperature"], made["top_p"], made["top_k"]) == (1, 0.9, 5)


def test_stop_is_always_a_list() -> None:
    """A string is a list of one."""
    assert encode(stop="END")["stop_sequences"] == ["END"]
    with pytest.raises(UnsupportedParameter):
        encode(stop=["\n"])


def test_the_user_is_passed_unless_it_identifies_a_person() -> None:
    """The API refuses addresses and phone numbers."""
    assert encode(user="u-1")["metadata"] == {"user_id": "u-1"}
    assert encode(user="a@b.c") == encode(user="+41 79 123 45 67") == encode()


def test_structured_output_and_effort_share_a_member() -> None:
    """Both live in output_config."""
    schema = {"type": "object", "properties": {}, "additionalProperties": False, "required": []}
    wanted = {
        "type": "json_schema",
        "json_schema": {"name": "n", "schema": {**schema, "properties": {"a": {"type": "null"}}}},
    }
    made = encode(NEW, response_format=wanted, reasoning_effort="low")
    assert made["output_config"].keys() == {"effort", "format"}


def test_a_budget_is_left_out_where_the_api_refuses_it() -> None:
    """Beside a forced tool, and after calls that came back without their thinking."""
    function = {"type": "function", "function": {"name": "f"}}
    forced = encode(reasoning_effort="low", tools=[function], tool_choice="required")
    call = {"role": "assistant", "tool_calls": [{"id": "a", **function}]}
    result = {"role": "tool", "tool_call_id": "a", "content": "ok"}
    resumed = encode(reasoning_effort="low", messages=[call, result])
    thought = [{"type": "reasoning.text", "text": "hm", "signature": "s"}]
    whole = encode(reasoning_effort="low", messages=[{**call, "reasoning_details": thought}, result])
    assert ("thinking" in forced, "thinking" in resumed, "thinking" in whole) == (False, False, True)


def test_a_stream_is_asked_for() -> None:
    """stream_options has no counterpart: usage always comes."""
    assert encode(stream=True, stream_options={"include_usage": True}) == {**encode(), "stream": True}


def test_a_service_tier_is_translated() -> None:
    """default is the standard tier; flex has no counterpart and is left out."""
    assert encode(service_tier="default")["service_tier"] == "standard_only"
    assert encode(service_tier="flex") == encode()


def test_deep_nesting_is_an_error_of_the_client() -> None:
    """Not a crash."""
    schema: dict[str, Any] = {}
    for _ in range(2000):
        schema = {"items": schema}
    with pytest.raises(InvalidRequest):
        encode(tools=[{"type": "function", "function": {"name": "f", "parameters": schema}}])


_WORDS = ["type", "function", "name", "parameters", "properties", "items", "anyOf", "$ref", "text", "url"]
_WORDS += ["content", "image_url", "file", "role", "schema", "json_schema", "effort"]
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from(["", "auto", "none", "object", "#", "text"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(_WORDS), inner, max_size=3),
    max_leaves=6,
)
_MEMBERS = ["tools", "tool_choice", "response_format", "reasoning", "thinking", "temperature", "stop", "user"]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    message=st.fixed_dictionaries(
        {"role": st.sampled_from(["user", "assistant", "system", "tool"])},
        optional=dict.fromkeys(("content", "tool_calls", "tool_call_id", "reasoning_details"), _JSON),
    ),
    members=st.fixed_dictionaries({}, optional=dict.fromkeys(_MEMBERS, _JSON)),
)
def test_no_document_crashes_the_translation(message: dict[str, Any], members: dict[str, Any]) -> None:
    """Whatever the types of its members, the answer is a body or an error that names something."""
    request = FakeHubRequest({"messages": [message], **members})
    try:
        assert encode_request(request, WireTarget(model=NEW)).body
    except GatewayError as error:
        assert error.param
