"""Chunks: the hub's stream events (OpenAI chat completion chunk), made from a template of bytes."""

from __future__ import annotations

from typing import Any

from llm_gateway.adapters.dialects.anthropic_messages.usage import hub_usage
from llm_gateway.adapters.dialects.anthropic_messages.wire import encode
from llm_gateway.domain.usage import Usage

DONE = b"data: [DONE]\n\n"
ROLE = b'{"role":"assistant","content":""}'


class ChunkWriter:
    """All chunks of one stream share id, time and model; only the delta differs."""

    __slots__ = ("_end", "_include_usage", "_start")

    def __init__(self, *, id: str, created: int, model: str, include_usage: bool) -> None:
        self._start = (
            b'data: {"id":%b,"object":"chat.completion.chunk","created":%d,"model":%b,"choices":['
            % (
                encode(id),
                created,
                encode(model),
            )
        )
        # OpenAI sends `"usage": null` with every chunk but the last when usage was asked for.
        self._include_usage = include_usage
        self._end = b'],"usage":null}\n\n' if include_usage else b"]}\n\n"

    def delta(self, delta: bytes) -> bytes:
        return b'%b{"index":0,"delta":%b,"logprobs":null,"finish_reason":null}%b' % (
            self._start,
            delta,
            self._end,
        )

    def finish(self, reason: str) -> bytes:
        return b'%b{"index":0,"delta":{},"logprobs":null,"finish_reason":%b}%b' % (
            self._start,
            encode(reason),
            self._end,
        )

    def usage(self, usage: Usage) -> bytes:
        """The chunk before `[DONE]`, or nothing when the client did not ask for it."""
        if not self._include_usage:
            return b""
        return b'%b],"usage":%b}\n\n' % (self._start, encode(hub_usage(usage)))


def tool_call_start(index: int, identifier: str, name: str) -> bytes:
    call: dict[str, Any] = {
        "index": index,
        "id": identifier,
        "type": "function",
        "function": {"name": name, "arguments": ""},
    }
    return encode({"tool_calls": [call]})


def tool_call_arguments(index: int, fragment: str) -> bytes:
    return b'{"tool_calls":[{"index":%d,"function":{"arguments":%b}}]}' % (index, encode(fragment))


def content(text: str) -> bytes:
    return b'{"content":%b}' % encode(text)


def reasoning(text: str | None, details: list[dict[str, Any]]) -> bytes:
    delta: dict[str, Any] = {"reasoning_details": details}
    if text:
        delta["reasoning_content"] = text
    return encode(delta)
