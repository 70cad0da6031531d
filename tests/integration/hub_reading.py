"""A client's reading of a hub answer, as the fields of the oracle: text, thinking, tools, finish, usage."""

from __future__ import annotations

import json
from typing import Any, Literal

Hub = Literal["translated", "passed_through"]
Document = dict[str, Any]


def read_completion(body: bytes, hub: Hub) -> Document:
    """Of an answer that came whole."""
    completion = json.loads(body)
    choice = completion["choices"][0]
    message = choice["message"]
    if hub == "translated":
        assert None not in (message.get("tool_calls", []), message.get("reasoning_content", ""))
        assert completion["usage"]
    calls = [call["function"] for call in message.get("tool_calls") or ()]
    return {
        "text": message["content"] or "",
        "thinking": message.get("reasoning_content") or "",
        "tools": [[call["name"], _arguments(call["arguments"], hub)] for call in calls],
        "finish": choice["finish_reason"],
        "usage": completion.get("usage"),
    }


def read_chunks(out: bytes, hub: Hub) -> Document:
    """Of a stream; asserts the promises that every stream keeps."""
    events = out.decode().split("\n\n")
    assert events[-2:] == ["data: [DONE]", ""]
    chunks = [json.loads(event.removeprefix("data: ")) for event in events[:-2]]
    assert len({chunk["id"] for chunk in chunks}) == 1
    assert all(chunk.get("usage") is None for chunk in chunks if chunk["choices"])
    if hub == "translated":
        _assert_order(chunks)
    choices = [choice for chunk in chunks for choice in chunk["choices"] if choice["index"] == 0]
    assert [choice["delta"].get("role") for choice in choices] == ["assistant"] + [None] * (len(choices) - 1)
    finishes = [choice["finish_reason"] for choice in choices if choice.get("finish_reason")]
    assert len(finishes) == 1
    reports = [chunk["usage"] for chunk in chunks if chunk.get("usage")]
    assert len(reports) <= 1
    deltas = [choice["delta"] for choice in choices]
    return {
        "text": "".join(delta.get("content") or "" for delta in deltas),
        "thinking": "".join(delta.get("reasoning_content") or "" for delta in deltas),
        "tools": [[name, _arguments(text, hub)] for name, text in _calls(deltas)],
        "finish": finishes[0],
        "usage": reports[0] if reports else None,
    }


def _assert_order(chunks: list[Document]) -> None:
    """What the gateway itself writes ends with the finish reason, then the usage; each call has arguments."""
    *answering, last = chunks
    assert last["choices"] == [] and last["usage"]
    choices = [chunk["choices"][0] for chunk in answering]
    assert all(choice["finish_reason"] is None for choice in choices[:-1])
    calls = [call for choice in choices for call in choice["delta"].get("tool_calls", [])]
    assert all(isinstance(call["function"]["arguments"], str) for call in calls)


def _calls(deltas: list[Document]) -> list[list[str]]:
    calls: list[list[str]] = []
    for call in (call for delta in deltas for call in delta.get("tool_calls") or ()):
        if call.get("id"):
            assert call["index"] == len(calls)
            calls.append([call["function"]["name"], ""])
        calls[call["index"]][1] += call["function"].get("arguments") or ""
    return calls


def _arguments(text: str, hub: Hub) -> Any:
    """The other dialects' SDKs read them; OpenAI's hands their text on."""
    return text if hub == "passed_through" else json.loads(text)
