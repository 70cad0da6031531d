"""A plain answer as OpenAI's schema wants it; what does not decode as this bends the format.

Source: OpenAI API reference, "Chat completion object".
"""

from __future__ import annotations

from typing import Literal

import msgspec

from llm_gateway.adapters.dialects.openai_chat.wire import FinishReason, LogProbs, ServiceTier, WireUsage


class Function(msgspec.Struct):
    name: str
    arguments: str


class FunctionCall(msgspec.Struct, tag_field="type", tag="function"):
    id: str
    function: Function


class Custom(msgspec.Struct):
    name: str
    input: str


class CustomCall(msgspec.Struct, tag_field="type", tag="custom"):
    id: str
    custom: Custom


class Message(msgspec.Struct):
    role: Literal["assistant"]
    content: str | None
    tool_calls: list[FunctionCall | CustomCall] | None = None
    function_call: Function | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None


class Choice(msgspec.Struct):
    index: int
    message: Message
    finish_reason: FinishReason
    logprobs: LogProbs | None = None


class Completion(msgspec.Struct):
    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[Choice]
    usage: WireUsage | None = None
    service_tier: ServiceTier | None = None
    system_fingerprint: str | None = None
    error: None = None

    @property
    def conforms(self) -> bool:
        """Beyond the types: an id, a time and a model, reasoning where clients look for it, ids of calls."""
        return bool(self.id and self.created > 0 and self.model and self.choices) and all(
            _conforms(choice.message) for choice in self.choices
        )


def _conforms(message: Message) -> bool:
    if message.reasoning and not message.reasoning_content:
        return False
    return message.tool_calls is None or all(call.id for call in message.tool_calls)


decode_completion = msgspec.json.Decoder(Completion).decode
