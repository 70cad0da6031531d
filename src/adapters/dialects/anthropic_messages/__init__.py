"""Dialect `anthropic.messages`: Anthropic's Messages API, translated from and to the hub.

Options it knows (`ProviderType.options`):
* `default_max_tokens` — the wire demands a limit; this one is sent when the client gave none. Default: the
  model's own limit where known, else its generation's.
* `structured_output` — `native` (`output_config.format`) or `tool` (a tool that the model is made to call).
  Default: what the model's name says.
"""

from __future__ import annotations

from collections.abc import Mapping

from llm_gateway.adapters.dialects.anthropic_messages.answer import read_answer
from llm_gateway.adapters.dialects.anthropic_messages.failure import read_failure
from llm_gateway.adapters.dialects.anthropic_messages.request import encode_request
from llm_gateway.adapters.dialects.anthropic_messages.stream import AnthropicMessagesStream
from llm_gateway.application.ports.dialect import (
    Answer,
    AnswerContext,
    HubRequest,
    StreamReader,
    WireRequest,
    WireTarget,
)
from llm_gateway.domain.errors import UpstreamError


class AnthropicMessages:
    name = "anthropic.messages"

    def encode(self, request: HubRequest, target: WireTarget) -> WireRequest:
        return encode_request(request, target)

    def answer(self, body: bytes, context: AnswerContext) -> Answer:
        return read_answer(body, context)

    def stream(self, context: AnswerContext) -> StreamReader:
        return AnthropicMessagesStream(context)

    def failure(self, status: int, headers: Mapping[str, str], body: bytes) -> UpstreamError:
        return read_failure(status, headers, body)


__all__ = ["AnthropicMessages"]
