"""Content that only its maker can read restricts the request to who speaks the maker's dialect."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llm_gateway.domain.provider import Provider
from llm_gateway.entrypoints.http.inference.bound_content import bound_to
from llm_gateway.entrypoints.http.inference.chat_request import decode_chat_request

PROVIDERS = (
    Provider(id="o", type="openai", dialect="openai.chat"),
    Provider(id="a", type="anthropic", dialect="anthropic.messages"),
    Provider(id="g1", type="google", dialect="google.generate_content"),
    Provider(id="g2", type="google", dialect="google.generate_content"),
)
USER = {"role": "user", "content": "hi"}


def bound(*messages: dict[str, Any]) -> tuple[str, ...]:
    body = json.dumps({"model": "m", "messages": [*messages, USER]}, separators=(",", ":"))
    return bound_to(decode_chat_request(body.encode()), PROVIDERS)


def detail(kind: str, format: str, **more: str) -> dict[str, Any]:
    return {
        "role": "assistant",
        "content": "x",
        "reasoning_details": [{"type": kind, "format": format, **more}],
    }


def file(file_id: str) -> dict[str, Any]:
    return {"role": "user", "content": [{"type": "file", "file": {"file_id": file_id}}]}


def signed_call(signature: str) -> dict[str, Any]:
    extra = {"google": {"thought_signature": signature}}
    call = {
        "id": "c",
        "type": "function",
        "function": {"name": "f", "arguments": "{}"},
        "extra_content": extra,
    }
    return {"role": "assistant", "content": None, "tool_calls": [call]}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (USER, ()),
        (detail("reasoning.encrypted", "anthropic-claude-v1", data="x"), ("a",)),
        (detail("reasoning.text", "anthropic-claude-v1", text="t", signature="s"), ("a",)),
        (detail("reasoning.text", "anthropic-claude-v1", text="t"), ()),
        (detail("reasoning.encrypted", "google-gemini-v1", data="x"), ("g1", "g2")),
        (detail("reasoning.encrypted", "xai-responses-v1", data="x"), ()),
        (signed_call("s"), ("g1", "g2")),
        (file("file-abc"), ("o",)),
        (file("file_011C"), ("a",)),
        (file("https://generativelanguage.googleapis.com/v1beta/files/x"), ("g1", "g2")),
        (file("elsewhere"), ()),
    ],
)
def test_who_can_read_it(message: dict[str, Any], expected: tuple[str, ...]) -> None:
    """Plain text and unsigned reasoning bind nothing."""
    assert bound(message) == expected


def test_the_last_maker_counts() -> None:
    """The conversation has left the earlier one already."""
    first = detail("reasoning.encrypted", "anthropic-claude-v1", data="x")
    assert bound(first, signed_call("s")) == ("g1", "g2")


@pytest.mark.parametrize("odd", [None, 7, "text", [None, 7], [{"type": "reasoning.encrypted"}], {"a": 1}])
def test_odd_shapes_bind_nothing(odd: Any) -> None:
    """Whatever a client writes there."""
    message = {"role": "assistant", "content": "x", "reasoning_details": odd, "extra_content": odd}
    assert bound(message) == ()
