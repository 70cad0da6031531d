"""TokenPrices: what one model charges for tokens and what an answer cost by it, exactly, in attodollars."""

from __future__ import annotations

from dataclasses import dataclass

from llm_gateway.domain.usage import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRate:
    """Attodollars per token. `tiers` are (tokens, rate), ascending: a request with more input tokens than
    that pays the tier's rate for all of them (the usual "cliff")."""

    base: int
    tiers: tuple[tuple[int, int], ...] = ()

    def at(self, input_tokens: int) -> int:
        for start, rate in reversed(self.tiers):
            if input_tokens > start:
                return rate
        return self.base


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCost:
    """Attodollars."""

    prompt: int
    completion: int

    @property
    def total(self) -> int:
        return self.prompt + self.completion


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPrices:
    """`cached` and `cache_write` None: such tokens are charged as any other input. Reasoning is output."""

    input: TokenRate
    output: TokenRate
    cached: TokenRate | None = None
    cache_write: TokenRate | None = None

    def cost(self, usage: Usage) -> TokenCost:
        """Each token is charged once: cached and written ones are part of the input, and taken out of it. An
        upstream that reports more of them than there is input is believed as far as the input goes."""
        tokens = usage.input_tokens
        cached = min(usage.cached_tokens, tokens)
        written = min(usage.cache_write_tokens, tokens - cached)
        plain = self.input.at(tokens)
        prompt = (
            (tokens - cached - written) * plain
            + cached * (self.cached.at(tokens) if self.cached is not None else plain)
            + written * (self.cache_write.at(tokens) if self.cache_write is not None else plain)
        )
        return TokenCost(prompt=prompt, completion=usage.output_tokens * self.output.at(tokens))
