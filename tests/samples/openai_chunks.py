"""Chunks of an OpenAI stream, well-formed unless a test bends them, and a client's view of what comes out."""

from __future__ import annotations

import json
from typing import Any

from llm_gateway.adapters.dialects.openai_chat.stream import OpenAIChatStream
from llm_gateway.application.ports.dialect import AnswerContext

DONE = b"data: [DONE]\n\n"
USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
HEAD = {"id": "chatcmpl-up", "object": "chat.completion.chunk", "created": 1_700_000_001, "model": "gpt-x"}


def event(document: Any) -> bytes:
    return b"data: " + json.dumps(document).encode() + b"\n\n"


def chunk(delta: Any = None, finish: Any = None, index: int = 0, **members: Any) -> bytes:
    choice = {"index": index, "delta": {} if delta is None else delta, "finish_reason": finish}
    return event({**HEAD, "choices": [choice], **members})


def role(index: int = 0) -> bytes:
    return chunk({"role": "assistant", "content": ""}, index=index)


def usage_chunk(**usage: Any) -> bytes:
    return event({**HEAD, "choices": [], "usage": {**USAGE, **usage}})


def call(**members: Any) -> bytes:
    return chunk({"tool_calls": [members]})


def reader(*, include_usage: bool = False) -> OpenAIChatStream:
    context = AnswerContext(
        id="chatcmpl-own", created=1_700_000_000, model="asked", include_usage=include_usage
    )
    return OpenAIChatStream(context)


def read(*events: bytes, include_usage: bool = False) -> list[Any]:
    """The chunks that a client gets; fails unless the stream ends well."""
    stream = reader(include_usage=include_usage)
    out = b"".join(map(stream.feed, events)) + stream.close()
    assert stream.failure is None, stream.failure
    assert out.endswith(DONE) and out.count(b"[DONE]") == 1
    return [json.loads(part.removeprefix("data: ")) for part in out.decode().split("\n\n")[:-2]]


def deltas(chunks: list[Any]) -> list[Any]:
    return [choice["delta"] for part in chunks for choice in part["choices"]]


def finishes(chunks: list[Any]) -> list[str]:
    reasons = (choice["finish_reason"] for part in chunks for choice in part["choices"])
    return [reason for reason in reasons if reason is not None]


def calls(chunks: list[Any]) -> list[tuple[str, str, str]]:
    """Id, name and arguments of each call, put together as clients do."""
    found: list[list[str]] = []
    for fragment in (call for delta in deltas(chunks) for call in delta.get("tool_calls") or ()):
        if fragment["index"] == len(found):
            assert fragment["type"] == "function"
            found.append([fragment["id"], "", ""])
        else:
            assert "id" not in fragment
        found[fragment["index"]][1] += fragment["function"].get("name") or ""
        found[fragment["index"]][2] += fragment["function"].get("arguments") or ""
    return [(identifier, name, arguments) for identifier, name, arguments in found]
