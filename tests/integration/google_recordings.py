"""Recorded generateContent traffic: the bundled sample and, where it is at hand, the whole collection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from llm_gateway.adapters.dialects.google_generate_content import GoogleGenerateContent
from llm_gateway.application.ports.dialect import AnswerContext

_TESTS = Path(__file__).resolve().parents[1]
_SAMPLE = _TESTS / "data" / "google_generate_content_sample.jsonl"
_COLLECTION = _TESTS.parent / ".." / "shared" / "data" / "recorded"
EXPECTED_FAILURES: dict[str, str] = json.loads(
    (_TESTS / "data" / "expected_failures_google.json").read_text()
)

Row = dict[str, Any]
CONTEXT = AnswerContext(id="chatcmpl-1", created=1_700_000_000, model="asked-for", include_usage=True)


def _rows() -> Iterator[Row]:
    seen = set()
    for line in _SAMPLE.read_text().splitlines():
        row = json.loads(line)
        seen.add(row["id"])
        yield row
    collection = _COLLECTION / "gemini-generate.jsonl"
    if not collection.exists():
        return
    expected = json.loads((_COLLECTION / "gemini-generate.expected.json").read_text())
    for line in collection.read_text().split("\n"):
        row = json.loads(line) if line else None
        if row is not None and row["id"] not in seen:
            yield {**row, "expected": expected[row["id"]]}


ROWS = list(_rows())
READABLE = [row for row in ROWS if "sdk_error" not in row["expected"]]
STREAMS = [
    row
    for row in READABLE
    if row["stream"] and not EXPECTED_FAILURES.get(row["id"], "").startswith("The stream ends")
]
ERRORS = [row for row in ROWS if row["status"] >= 400]
# One recording shows Google refusing a role that it does not know; the hub has no such role to begin with.
REQUESTS = [row for row in ROWS if isinstance(row["req"], dict) and "invalid_role" not in str(row["req"])]


def stream_bytes(body: bytes, size: int | None = None, cut: int | None = None) -> bytes:
    """What the reader makes of `body`, fed whole, in pieces of `size` bytes, or in two parted at `cut`."""
    reader = GoogleGenerateContent().stream(CONTEXT)
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
    completion = json.loads(GoogleGenerateContent().answer(body, CONTEXT).body)
    choice = completion["choices"][0]
    message = choice["message"]
    calls = [call["function"] for call in message.get("tool_calls", [])]
    return {
        "text": message["content"] or "",
        "thinking": message.get("reasoning_content", ""),
        "tools": [[call["name"], json.loads(call["arguments"])] for call in calls],
        "finish": choice["finish_reason"],
        "usage": completion["usage"],
    }


def read_chunks(out: bytes) -> dict[str, Any]:
    """A client's reading of a hub stream; asserts the promises that every stream keeps."""
    events = out.decode().split("\n\n")
    assert events[-2:] == ["data: [DONE]", ""]
    chunks = [json.loads(event.removeprefix("data: ")) for event in events[:-2]]
    assert len({chunk["id"] for chunk in chunks}) == 1
    assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    assert chunks[-1]["choices"] == []
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks[:-1]]
    finishes = [chunk["choices"][0]["finish_reason"] for chunk in chunks[:-1]]
    assert all(finish is None for finish in finishes[:-1])
    tools: dict[int, list[Any]] = {}
    for call in (call for delta in deltas for call in delta.get("tool_calls", [])):
        if "id" in call:
            tools[call["index"]] = [call["function"]["name"], ""]
        tools[call["index"]][1] += call["function"]["arguments"]
    return {
        "text": "".join(delta.get("content") or "" for delta in deltas),
        "thinking": "".join(delta.get("reasoning_content") or "" for delta in deltas),
        "tools": [[name, json.loads(arguments)] for name, arguments in tools.values()],
        "finish": finishes[-1],
        "usage": chunks[-1]["usage"],
    }


def difference(row: Row) -> str:
    """Empty when the row's answer is what the SDK makes of it, else what differs."""
    expected = row["expected"]
    try:
        read = read_row(row)
    except Exception as exc:
        return f"{type(exc).__name__}: {exc}"
    wrong = [name for name in ("text", "thinking", "tools", "finish") if read[name] != expected[name]]
    if read["usage"]["prompt_tokens"] not in expected["prompt"]:
        wrong.append("prompt_tokens")
    if read["usage"]["completion_tokens"] != max(expected["completion"]):
        wrong.append("completion_tokens")
    return ", ".join(wrong)
