"""Token usage of one answer, in the hub's (OpenAI's) way of counting."""

from __future__ import annotations

from llm_gateway.domain.value import value


@value
class Usage:
    """Tokens. `input_tokens` includes cached ones, `output_tokens` includes reasoning ones.

    That is OpenAI's convention (`prompt_tokens`, `completion_tokens` and their `_details`); dialects
    whose own counts exclude them add them up when they decode.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    estimated: bool = False

    @property
    def total_tokens(self) -> int:
        return self.input_tokens + self.output_tokens
