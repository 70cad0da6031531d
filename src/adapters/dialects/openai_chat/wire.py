"""What is read of OpenAI answers on the way through: usage, finish reasons, errors. The rest stays bytes.

Source: OpenAI API reference, "Chat completion object" and "Chat completion chunk object".
"""

from __future__ import annotations

import msgspec

from llm_gateway.domain.usage import Usage


class PromptDetails(msgspec.Struct):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class CompletionDetails(msgspec.Struct):
    reasoning_tokens: int | None = None


class WireUsage(msgspec.Struct):
    prompt_tokens: int | float | None = None
    completion_tokens: int | float | None = None
    prompt_tokens_details: PromptDetails | None = None
    completion_tokens_details: CompletionDetails | None = None

    def to_domain(self) -> Usage:
        prompt, completion = self.prompt_tokens_details, self.completion_tokens_details
        return Usage(
            input_tokens=int(self.prompt_tokens or 0),
            output_tokens=int(self.completion_tokens or 0),
            cached_tokens=(prompt.cached_tokens or 0) if prompt else 0,
            cache_write_tokens=(prompt.cache_write_tokens or 0) if prompt else 0,
            reasoning_tokens=(completion.reasoning_tokens or 0) if completion else 0,
        )
