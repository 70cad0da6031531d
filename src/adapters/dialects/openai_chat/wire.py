"""What both kinds of OpenAI answers share on the wire: usage, log probabilities, closed vocabularies.

Source: OpenAI API reference, "Chat completion object" and "Chat completion chunk object"; the types are as
strict as OpenAI's published schema where a client would trip over a difference.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from llm_gateway.domain.usage import Usage

FinishReason = Literal["stop", "length", "tool_calls", "content_filter", "function_call"]
ServiceTier = Literal["auto", "default", "flex", "scale", "priority", "fast"]


class PromptDetails(msgspec.Struct):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    audio_tokens: int | None = None


class CompletionDetails(msgspec.Struct):
    reasoning_tokens: int | None = None
    audio_tokens: int | None = None
    accepted_prediction_tokens: int | None = None
    rejected_prediction_tokens: int | None = None


class WireUsage(msgspec.Struct):
    """`prompt_cache_hit_tokens` is DeepSeek's, `cached_tokens` Moonshot's word for the cached part."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: PromptDetails | None = None
    completion_tokens_details: CompletionDetails | None = None
    prompt_cache_hit_tokens: int | None = None
    cached_tokens: int | None = None

    def to_domain(self) -> Usage:
        prompt, completion = self.prompt_tokens_details, self.completion_tokens_details
        cached = prompt.cached_tokens if prompt else None
        if cached is None:
            cached = self.prompt_cache_hit_tokens or self.cached_tokens or 0
        return Usage(
            input_tokens=self.prompt_tokens,
            output_tokens=self.completion_tokens,
            cached_tokens=cached,
            cache_write_tokens=(prompt.cache_write_tokens or 0) if prompt else 0,
            reasoning_tokens=(completion.reasoning_tokens or 0) if completion else 0,
        )


class TopLogProb(msgspec.Struct):
    token: str
    logprob: float
    bytes: list[int] | None = None


class TokenLogProb(msgspec.Struct):
    token: str
    logprob: float
    top_logprobs: list[TopLogProb]
    bytes: list[int] | None = None


class LogProbs(msgspec.Struct):
    content: list[TokenLogProb] | None
    refusal: list[TokenLogProb] | None = None
