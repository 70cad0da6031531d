"""Chunks: writing chat.completion.chunk events. What every chunk of a stream shares is encoded once."""

from __future__ import annotations

from typing import Any

import msgspec

from llm_gateway.adapters.dialects.google_generate_content.choice import Choice

DONE = b"data: [DONE]\n\n"

_encode = msgspec.json.encode


class ChunkWriter:
    """Gives whole SSE events. With `include_usage` every chunk but the usage chunk says `"usage":null`."""

    __slots__ = ("_head", "_tail", "_text_head", "_text_tail", "answer_id")

    def __init__(self, *, answer_id: str, created: int, model: str, include_usage: bool) -> None:
        self.answer_id = answer_id
        shared = {"id": answer_id, "object": "chat.completion.chunk", "created": created, "model": model}
        self._head = b"data: " + _encode(shared)[:-1] + b',"choices":['
        self._tail = b'],"usage":null}\n\n' if include_usage else b"]}\n\n"
        self._text_head = self._head + b'{"index":0,"delta":{"content":'
        self._text_tail = b'},"logprobs":null,"finish_reason":null}' + self._tail

    def delta(self, choice: Choice, delta: dict[str, Any], logprobs: dict[str, Any] | None) -> bytes:
        """The choice's first delta gets the role, and a `content` so that clients can begin to add up."""
        if not choice.started:
            choice.started = True
            delta = {"role": "assistant", "content": delta.pop("content", ""), **delta}
        elif choice.index == 0 and logprobs is None and len(delta) == 1 and "content" in delta:
            return self._text_head + _encode(delta["content"]) + self._text_tail  # what nearly all are
        return self._write(choice.index, delta, logprobs=logprobs)

    def finish(self, choice: Choice) -> bytes:
        delta: dict[str, Any] = {} if choice.started else {"role": "assistant", "content": ""}
        return self._write(choice.index, delta, finish=choice.finish_reason, native=choice.native)

    def usage(self, usage: dict[str, Any]) -> bytes:
        return self._head + b'],"usage":' + _encode(usage) + b"}\n\n"

    def _write(
        self,
        index: int,
        delta: dict[str, Any],
        *,
        logprobs: dict[str, Any] | None = None,
        finish: str | None = None,
        native: str | None = None,
    ) -> bytes:
        choice = {"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": finish}
        if native is not None:
            choice["native_finish_reason"] = native
        return self._head + _encode(choice) + self._tail
