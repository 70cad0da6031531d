"""What a chat-completions body must be, and what its refusal says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llm_gateway.domain.errors import InvalidRequest
from llm_gateway.entrypoints.http.inference.chat_request import decode_chat_request

USER = {"role": "user", "content": "hi"}


def body(**members: Any) -> bytes:
    return json.dumps({"model": "m", "messages": [USER], **members}).encode()


def refusal(raw: bytes) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        decode_chat_request(raw)
    return caught.value


@pytest.mark.parametrize(
    ("raw", "position"),
    [
        (b'{"model": nope}', "byte 1"),
        (b'{"model": "m"', "byte 13"),
        (b"", "byte 0"),
        (b'{"model":"m","messages":[{"role":"user","content":"\xff"}]}', "byte 51"),
        (b'{"model":"\xff\xfe"}', "byte"),
    ],
)
def test_what_is_not_json_is_refused_with_its_position(raw: bytes, position: str) -> None:
    error = refusal(raw)
    assert error.code == "invalid_json"
    assert position in error.message


@pytest.mark.parametrize(
    ("raw", "param", "code"),
    [
        (b'{"messages": []}', "model", "missing_required_parameter"),
        (b'{"model": "m"}', "messages", "missing_required_parameter"),
        (b'{"model": "m", "messages": "hi"}', "messages", "invalid_type"),
        (b'{"model": 1, "messages": []}', "model", "invalid_type"),
        (b'{"model": "m", "messages": []}', "messages", "invalid_value"),
        (b'{"model": "", "messages": [{"role": "user"}]}', "model", "invalid_value"),
        (b'{"model": "m", "messages": [{"content": "x"}]}', "messages[0].role", "missing_required_parameter"),
        (body(n=0), "n", "invalid_value"),
        (body(max_tokens=0), "max_tokens", "invalid_value"),
        (body(stream="yes"), "stream", "invalid_type"),
        (body(model="m" * 257), "model", "invalid_value"),
    ],
)
def test_what_is_wrong_is_named(raw: bytes, param: str, code: str) -> None:
    error = refusal(raw)
    assert (error.param, error.code) == (param, code)


def test_a_body_nested_without_end_is_refused_not_followed() -> None:
    depth = 100_000
    raw = b'{"model":"m","messages":[{"role":"user","content":' + b"[" * depth + b"]" * depth + b"}]}"
    assert refusal(raw).code == "invalid_json"


def test_the_body_is_kept_byte_for_byte() -> None:
    raw = b'{ "model" : "m", "messages":[{"role":"user","content":"h\\u00e9"}],  "unknown": 1e999 }'
    assert decode_chat_request(raw).body is raw


def test_usage_is_asked_for_only_when_it_says_so() -> None:
    assert decode_chat_request(body(stream=True, stream_options={"include_usage": True})).include_usage
    assert not decode_chat_request(body(stream=True, stream_options=None)).include_usage


def test_a_refusal_never_quotes_the_body() -> None:
    assert "SECRET" not in refusal(b'{"model": "SECRET-PROMPT", "messages": 3}').message


def test_a_member_that_is_given_twice_is_refused() -> None:
    """One model may not be routed and another one asked for."""
    error = refusal(body()[:-1] + b', "model": "other"}')
    assert (error.param, error.code) == ("model", "duplicate_member")


@pytest.mark.parametrize("number", ["1e999", "9" * 5000], ids=["float", "int"])
def test_a_number_that_nobody_can_hold_is_found_by_who_reads_it_all(number: str) -> None:
    """Routing does not look at it; 400 and not a failure of the gateway for who does."""
    body = b'{"model": "m", "messages": [{"role": "user"}], "other": %b}' % number.encode()
    request = decode_chat_request(body)
    with pytest.raises(InvalidRequest, match="the body cannot be read"):
        request.document()
