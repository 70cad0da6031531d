"""A recorded answer, kept by a client as OpenAI's clients do, and sent back to Google in a following turn."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from llm_gateway.adapters.dialects.google_generate_content import GoogleGenerateContent
from llm_gateway.application.ports.dialect import WireTarget
from tests.fakes.hub_request import FakeHubRequest
from tests.integration.google_recordings import GOOGLE
from tests.integration.recordings import CONTEXT, Row

_SIGNED = [row for row in GOOGLE.readable if "thoughtSignature" in row["body"]]
_PLAIN = [row for row in _SIGNED if not row["stream"]]
_STREAMED = [row for row in GOOGLE.streams if row in _SIGNED]


def _name(row: Row) -> str:
    return str(row["id"])


def _sent_back(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The parts of the model turn that Google would get."""
    messages = [{"role": "user", "content": "?"}, message, {"role": "user", "content": "and?"}]
    request = FakeHubRequest({"model": "m", "messages": messages})
    wire = GoogleGenerateContent().encode(request, WireTarget(model="gemini-3-flash-preview"))
    parts: list[dict[str, Any]] = msgspec.json.decode(wire.body)["contents"][1]["parts"]
    return parts


def _signatures(parts: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """(what is signed, signature), in an order of their own: the hub keeps calls after text."""
    return sorted((_signed(part), part["thoughtSignature"]) for part in parts if "thoughtSignature" in part)


def _signed(part: dict[str, Any]) -> str:
    if part.get("thought"):
        return "thought"
    if "functionCall" in part:
        return f"call {part['functionCall']['name']}"
    return next(
        (kind for kind in ("executableCode", "toolCall", "toolResponse", "inlineData") if kind in part),
        "text",
    )


def _calls(parts: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    calls = [part["functionCall"] for part in parts if "functionCall" in part]
    return [(call["name"], call.get("args", {})) for call in calls if call.get("name")]


def _text(parts: list[dict[str, Any]]) -> str:
    return "".join(part.get("text", "") for part in parts if not part.get("thought"))


@pytest.mark.parametrize("row", _PLAIN, ids=_name)
def test_an_answers_signatures_return_where_they_were(row: Row) -> None:
    """Unaltered, on the same call or on the text; calls and text return as well."""
    answered = json.loads(row["body"])["candidates"][0]["content"]["parts"]
    body = GoogleGenerateContent().answer(row["body"].encode(), CONTEXT).body
    parts = _sent_back(json.loads(body)["choices"][0]["message"])
    assert (_signatures(parts), _text(parts)) == (_signatures(answered), _text(answered))
    assert _calls(parts) == _calls(answered)


@pytest.mark.parametrize("row", _STREAMED, ids=_name)
def test_a_streams_signatures_return_where_they_were(row: Row) -> None:
    """The client adds deltas up: strings joined, lists extended, calls by index."""
    events = row["body"].replace("\r\n", "\n").split("\n\n")
    documents = [json.loads(event.removeprefix("data:")) for event in events if event.strip()]
    answered = [p for d in documents for p in d["candidates"][0].get("content", {}).get("parts", [])]
    parts = _sent_back(_added_up(GOOGLE.stream_bytes(row["body"].encode())))
    assert (_signatures(parts), _text(parts)) == (_signatures(answered), _text(answered))


def _added_up(out: bytes) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": "", "tool_calls": [], "reasoning_details": []}
    for event in out.decode().split("\n\n")[:-2]:
        for choice in json.loads(event.removeprefix("data: "))["choices"]:
            delta = choice["delta"]
            message["content"] += delta.get("content", "")
            message["reasoning_details"] += delta.get("reasoning_details", [])
            if "extra_content" in delta:
                message["extra_content"] = delta["extra_content"]
            for call in delta.get("tool_calls", []):
                if call["index"] == len(message["tool_calls"]):
                    message["tool_calls"].append(call)
                else:
                    message["tool_calls"][call["index"]]["function"]["arguments"] += call["function"][
                        "arguments"
                    ]
    return message
