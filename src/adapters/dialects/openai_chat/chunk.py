"""A stream's chunk as OpenAI's schema wants it; what does not decode as this bends the format.

Source: OpenAI API reference, "Chat completion chunk object"; `reasoning_content` and `reasoning` are the
two spellings in circulation among compatible providers.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from llm_gateway.adapters.dialects.openai_chat.wire import FinishReason, LogProbs, ServiceTier, WireUsage

_EMPTY = frozenset({b"", b"null", b'""', b"[]", b"{}"})
_ABSENT = msgspec.Raw()


class FunctionFragment(msgspec.Struct, gc=False):
    name: str | None = None
    arguments: str | None = None


class CallFragment(msgspec.Struct, gc=False):
    index: int
    id: str | None = None
    type: Literal["function"] | None = None
    function: FunctionFragment | None = None


class Delta(msgspec.Struct, gc=False):
    role: Literal["assistant"] | None = None
    content: str | None = None
    tool_calls: list[CallFragment] | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    function_call: FunctionFragment | None = None
    reasoning_details: msgspec.Raw = _ABSENT
    audio: msgspec.Raw = _ABSENT

    @property
    def has_content(self) -> bool:
        """Text, a call, a refusal, reasoning or sound: what commits an attempt."""
        return bool(
            self.content
            or self.tool_calls
            or self.reasoning_content
            or self.reasoning
            or self.refusal
            or self.function_call
            or bytes(self.reasoning_details) not in _EMPTY
            or bytes(self.audio) not in _EMPTY
        )


class Choice(msgspec.Struct, gc=False):
    index: int
    delta: Delta
    finish_reason: FinishReason | None = None
    logprobs: LogProbs | None = None


class Chunk(msgspec.Struct, gc=False):
    """`x_groq` is where Groq reports usage."""

    id: str
    object: Literal["chat.completion.chunk"]
    created: int
    model: str
    choices: list[Choice]
    usage: WireUsage | None = None
    service_tier: ServiceTier | None = None
    system_fingerprint: str | None = None
    error: None = None
    x_groq: msgspec.Raw = _ABSENT


decode_chunk = msgspec.json.Decoder(Chunk).decode
