"""Token usage: Google's usageMetadata in the hub's way of counting.

Google documents `totalTokenCount` as prompt + candidates + tool use + thoughts, all apart (google-genai,
GenerateContentResponseUsageMetadata). The hub counts tool-use prompts as input and thoughts as output.
Every event of a stream repeats the usage so far, so the last one counts, never the sum.
"""

from __future__ import annotations

from typing import Any

import msgspec

from llm_gateway.adapters.dialects.google_generate_content.wire import DECODE_ERRORS, NOTHING, present
from llm_gateway.domain.usage import Usage

_AUDIO = ("AUDIO", 4)  # by name, or its number where enumerations are numbers


class ModalityTokens(msgspec.Struct, rename="camel"):
    modality: str | int | None = None
    token_count: int | None = None


class UsageMetadata(msgspec.Struct, rename="camel"):
    prompt_token_count: int | None = None
    cached_content_token_count: int | None = None
    candidates_token_count: int | None = None
    thoughts_token_count: int | None = None
    tool_use_prompt_token_count: int | None = None
    total_token_count: int | None = None
    prompt_tokens_details: msgspec.Raw = NOTHING  # read once, at the end
    candidates_tokens_details: msgspec.Raw = NOTHING

    @property
    def says_something(self) -> bool:
        """False for the `{"trafficType": …}` that Vertex puts into every event but the last."""
        return (
            self.prompt_token_count is not None
            or self.candidates_token_count is not None
            or self.total_token_count is not None
        )

    def to_domain(self) -> Usage:
        prompt = (self.prompt_token_count or 0) + (self.tool_use_prompt_token_count or 0)
        output, thoughts = self.candidates_token_count or 0, self.thoughts_token_count or 0
        # Some Vertex answers count thoughts among the candidates already: their total shows it.
        if not (thoughts and self.total_token_count == prompt + output and output >= thoughts):
            output += thoughts
        return Usage(
            input_tokens=prompt,
            output_tokens=output,
            cached_tokens=self.cached_content_token_count or 0,
            reasoning_tokens=thoughts,
        )


_decode = msgspec.json.Decoder(UsageMetadata, strict=False).decode  # int64 may come as a string
_decode_details = msgspec.json.Decoder(list[ModalityTokens], strict=False).decode


def read_usage(raw: bytes) -> UsageMetadata | None:
    """None when absent, empty of counts, or not readable: usage must never cost an answer."""
    if not raw:
        return None
    try:
        usage = _decode(raw)
    except DECODE_ERRORS:
        return None
    return usage if usage.says_something else None


def hub_usage(metadata: UsageMetadata | None) -> dict[str, Any]:
    """OpenAI's usage object; zeros when the upstream counted nothing, as the field is not optional there."""
    usage = metadata.to_domain() if metadata is not None else Usage()
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.total_tokens,
        "prompt_tokens_details": {
            "cached_tokens": usage.cached_tokens,
            "audio_tokens": _audio(metadata.prompt_tokens_details if metadata is not None else NOTHING),
        },
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning_tokens,
            "audio_tokens": _audio(metadata.candidates_tokens_details if metadata is not None else NOTHING),
        },
    }


def _audio(details: msgspec.Raw) -> int:
    try:
        counted = _decode_details(text) if (text := present(details)) else []
    except DECODE_ERRORS:
        return 0
    return sum(detail.token_count or 0 for detail in counted if detail.modality in _AUDIO)
