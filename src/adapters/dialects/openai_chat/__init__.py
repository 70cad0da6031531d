"""Dialect `openai.chat`: OpenAI chat completions, which is also the hub; bytes pass through.

Options it knows (`ProviderType.options`):
* `path` — request path, default `/chat/completions`, relative to the base URL.
* `stream_usage` — the upstream understands `stream_options.include_usage`; default True.
* `max_tokens_field` — `max_tokens` or `max_completion_tokens` when only one of the two is understood.
"""

from __future__ import annotations

from collections.abc import Mapping

from llm_gateway.adapters.dialects.openai_chat.answer import read_answer
from llm_gateway.adapters.dialects.openai_chat.failure import read_failure
from llm_gateway.adapters.dialects.openai_chat.request import encode_request
from llm_gateway.adapters.dialects.openai_chat.stream import OpenAIChatStream
from llm_gateway.application.ports.dialect import (
    Answer,
    AnswerContext,
    HubRequest,
    StreamReader,
    WireRequest,
    WireTarget,
)
from llm_gateway.domain.errors import UpstreamError


class OpenAIChat:
    name = "openai.chat"

    def encode(self, request: HubRequest, target: WireTarget) -> WireRequest:
        return encode_request(request, target)

    def answer(self, body: bytes, context: AnswerContext) -> Answer:
        return read_answer(body, context)

    def stream(self, context: AnswerContext) -> StreamReader:
        return OpenAIChatStream(context)

    def failure(self, status: int, headers: Mapping[str, str], body: bytes) -> UpstreamError:
        return read_failure(status, headers, body)


__all__ = ["OpenAIChat"]
