"""Token counts: Anthropic's, which leave cached input out, as the hub's, which includes it.

Source: Anthropic API reference, `usage`; in a stream the counts of `message_delta` are cumulative, so they
replace those of `message_start` and are never added.
"""

from __future__ import annotations

from typing import Any

import msgspec

from llm_gateway.domain.usage import Usage


class OutputDetails(msgspec.Struct):
    thinking_tokens: int | float | None = None


class WireUsage(msgspec.Struct):
    input_tokens: int | float | None = None
    output_tokens: int | float | None = None
    cache_read_input_tokens: int | float | None = None
    cache_creation_input_tokens: int | float | None = None
    output_tokens_details: OutputDetails | None = None
    service_tier: str | None = None

    def updated(self, later: WireUsage) -> WireUsage:
        """These counts with those that `later` names in their place."""
        named = {
            name: value for name in self.__struct_fields__ if (value := getattr(later, name)) is not None
        }
        return msgspec.structs.replace(self, **named)

    def to_domain(self) -> Usage:
        cached, written = int(self.cache_read_input_tokens or 0), int(self.cache_creation_input_tokens or 0)
        details = self.output_tokens_details
        return Usage(
            input_tokens=int(self.input_tokens or 0) + cached + written,
            output_tokens=int(self.output_tokens or 0),
            cached_tokens=cached,
            cache_write_tokens=written,
            reasoning_tokens=int(details.thinking_tokens or 0) if details else 0,
        )


def hub_usage(usage: Usage) -> dict[str, Any]:
    """OpenAI's CompletionUsage; `cache_write_tokens` is OpenRouter's name for what OpenAI does not count."""
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.total_tokens,
        "prompt_tokens_details": {
            "cached_tokens": usage.cached_tokens,
            "audio_tokens": 0,
            "cache_write_tokens": usage.cache_write_tokens,
        },
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens, "audio_tokens": 0},
    }
