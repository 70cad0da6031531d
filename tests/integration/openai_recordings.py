"""Recorded OpenAI-style traffic: the bundled sample and, where it is at hand, the whole collection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from llm_gateway.adapters.dialects.openai_chat import OpenAIChat
from llm_gateway.application.ports.dialect import AnswerContext

_TESTS = Path(__file__).resolve().parents[1]
_SAMPLE = _TESTS / "data" / "openai_chat_sample.jsonl"
_COLLECTION = _TESTS.parent / ".." / "shared" / "data" / "recorded"
EXPECTED_FAILURES: dict[str, str] = json.loads(
    (_TESTS / "data" / "expected_failures_openai.json").read_text()
)

Row = dict[str, Any]
CONTEXT = AnswerContext(id="chatcmpl-1", created=1_700_000_000, model="asked-for", include_usage=True)


def _rows() -> Iterator[Row]:
    seen = set()
    for line in _SAMPLE.read_text().splitlines():
        row = json.loads(line)
        seen.add(row["id"])
        yield row
    collection = _COLLECTION / "openai-chat.jsonl"
    if not collection.exists():
        return
    expected = json.loads((_COLLECTION / "openai-chat.expected.json").read_text())
    for line in collection.read_text().splitlines():
        row = json.loads(line)
        if row["id"] not in seen:
            yield {**row, "expected": expected[row["id"]]}


ROWS = list(_rows())
READABLE = [row for row in ROWS if row["status"] == 200 and "sdk_error" not in row["expected"]]
STREAMS = [row for row in READABLE if row["stream"]]
PLAIN = [row for row in READABLE if not row["stream"]]


def stream_bytes(body: bytes, size: int | None = None, cut: int | None = None) -> bytes:
    """What the reader makes of `body`, fed whole, in pieces of `size` bytes, or in two parted at `cut`."""
    reader = OpenAIChat().stream(CONTEXT)
    if cut is not None:
        pieces = [body[:cut], body[cut:]]
    else:
        pieces = [body[at : at + size] for at in range(0, len(body), size)] if size else [body]
    out = b"".join(map(reader.feed, pieces)) + reader.close()
    if reader.failure is not None:
        raise reader.failure
    assert reader.finished
    return out


def read_row(row: Row) -> dict[str, Any]:
    """The row's answer as the fields of the oracle."""
    body = row["body"].encode()
    if row["stream"]:
        return read_chunks(stream_bytes(body))
    completion = json.loads(OpenAIChat().answer(body, CONTEXT).body)
    choice = completion["choices"][0]
    message = choice["message"]
    calls = [call["function"] for call in message.get("tool_calls") or ()]
    return {
        "text": message["content"] or "",
        "thinking": message.get("reasoning_content") or "",
        "tools": [[call["name"], call["arguments"]] for call in calls],
        "finish": choice["finish_reason"],
        "usage": completion.get("usage"),
    }


def read_chunks(out: bytes) -> dict[str, Any]:
    """A client's reading of a hub stream; asserts the promises that every stream keeps."""
    events = out.decode().split("\n\n")
    assert events[-2:] == ["data: [DONE]", ""]
    chunks = [json.loads(event.removeprefix("data: ")) for event in events[:-2]]
    assert len({chunk["id"] for chunk in chunks}) == 1
    assert all(chunk.get("usage") is None for chunk in chunks if chunk["choices"])
    choices = [choice for chunk in chunks for choice in chunk["choices"] if choice["index"] == 0]
    assert [choice["delta"].get("role") for choice in choices] == ["assistant"] + [None] * (len(choices) - 1)
    finishes = [choice["finish_reason"] for choice in choices if choice.get("finish_reason")]
    assert len(finishes) == 1
    reports = [chunk["usage"] for chunk in chunks if chunk.get("usage")]
    assert len(reports) <= 1
    usage = reports[0] if reports else None
    return {**_content([choice["delta"] for choice in choices]), "finish": finishes[0], "usage": usage}


def _content(deltas: list[Row]) -> dict[str, Any]:
    tools: list[list[str]] = []
    for call in (call for delta in deltas for call in delta.get("tool_calls") or ()):
        if call.get("id"):
            assert call["index"] == len(tools)
            tools.append([call["function"]["name"], ""])
        tools[call["index"]][1] += call["function"].get("arguments") or ""
    return {
        "text": "".join(delta.get("content") or "" for delta in deltas),
        "thinking": "".join(delta.get("reasoning_content") or "" for delta in deltas),
        "tools": tools,
    }


def difference(row: Row) -> str:
    """Empty when the row's answer is what the SDK makes of it, else what differs."""
    expected = row["expected"]
    try:
        read = read_row(row)
    except Exception as exc:
        return f"{type(exc).__name__}: {exc}"
    wrong = [name for name in ("text", "thinking", "tools", "finish") if read[name] != expected[name]]
    # A recording without a report is 0 in the oracle.
    usage = read["usage"] or {"prompt_tokens": 0, "completion_tokens": 0}
    if usage["prompt_tokens"] not in expected["prompt"]:
        wrong.append("prompt_tokens")
    if usage["completion_tokens"] not in expected["completion"]:
        wrong.append("completion_tokens")
    return ", ".join(wrong)
