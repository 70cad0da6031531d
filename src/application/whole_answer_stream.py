"""WholeAnswerStream: a whole answer said as a stream, for an upstream that did not stream though asked to."""

from __future__ import annotations

import json
from typing import Any

from typing_extensions import override

from llm_gateway.application.ports.dialect import Answer, StreamReader
from llm_gateway.application.stream_errors import DONE
from llm_gateway.domain.errors import UpstreamError

_SHARED = ("id", "created", "model", "system_fingerprint", "service_tier")


class WholeAnswerStream(StreamReader):
    """Finished from the start: `close` says everything, and no bytes are to be fed.

    One chunk with all choices, one with their finish reasons, then usage if the client asked for it. Source:
    OpenAI API reference, "Chat completion chunk object"; a call in a chunk has its index.
    """

    def __init__(self, answer: Answer, *, include_usage: bool) -> None:
        self._answer = answer
        self._include_usage = include_usage
        self.committed = True
        self.finished = True
        self.failure: UpstreamError | None = None
        self.usage = answer.usage
        self.finish_reason = answer.finish_reason

    @property
    @override
    def model(self) -> str | None:
        return self._answer.model

    def feed(self, data: bytes) -> bytes:
        return b""

    def close(self) -> bytes:
        document = json.loads(self._answer.body)
        shared = {name: document[name] for name in _SHARED if name in document}
        choices = document["choices"]
        said = [_chunk(shared, [_choice(one, _delta(one["message"]), None) for one in choices])]
        ends = [_choice({"index": one["index"]}, {}, one["finish_reason"]) for one in choices]
        said.append(_chunk(shared, ends))
        if self._include_usage and document.get("usage"):
            said.append(_chunk(shared, [], usage=document["usage"]))
        return b"".join(said) + DONE


def _delta(message: dict[str, Any]) -> dict[str, Any]:
    calls = message.get("tool_calls")
    if not calls:
        return message
    return {**message, "tool_calls": [{"index": index, **call} for index, call in enumerate(calls)]}


def _choice(choice: dict[str, Any], delta: dict[str, Any], finish_reason: str | None) -> dict[str, Any]:
    return {
        "index": choice["index"],
        "delta": delta,
        "logprobs": choice.get("logprobs"),
        "finish_reason": finish_reason,
    }


def _chunk(shared: dict[str, Any], choices: list[dict[str, Any]], **more: Any) -> bytes:
    chunk = {**shared, "object": "chat.completion.chunk", "choices": choices, **more}
    return b"data: %b\n\n" % json.dumps(chunk, separators=(",", ":")).encode()
