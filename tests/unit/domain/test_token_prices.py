"""What an answer has cost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from llm_gateway.domain.token_prices import TokenCost, TokenPrices, TokenRate
from llm_gateway.domain.usage import Usage

PRICES = TokenPrices(
    input=TokenRate(base=10, tiers=((1000, 20), (5000, 30))),
    output=TokenRate(base=100),
    cached=TokenRate(base=1),
    cache_write=TokenRate(base=12),
)


def test_cached_tokens_are_charged_once() -> None:
    """They are part of the input; so are those written to the cache. Reasoning is part of the output."""
    usage = Usage(
        input_tokens=100, cached_tokens=60, cache_write_tokens=10, output_tokens=5, reasoning_tokens=4
    )
    cost = PRICES.cost(usage)
    assert cost == TokenCost(prompt=30 * 10 + 60 * 1 + 10 * 12, completion=500)
    assert cost.total == 980


def test_without_prices_of_their_own_they_are_plain_input() -> None:
    """Never free, and never twice."""
    prices = replace(PRICES, cached=None, cache_write=None)
    usage = Usage(input_tokens=100, cached_tokens=60, cache_write_tokens=10)
    assert prices.cost(usage) == TokenCost(prompt=1000, completion=0)


@pytest.mark.parametrize(("tokens", "rate"), [(1000, 10), (1001, 20), (5000, 20), (5001, 30)])
def test_a_tier_charges_all_tokens(tokens: int, rate: int) -> None:
    """From the first token above its start."""
    assert PRICES.cost(Usage(input_tokens=tokens)).prompt == tokens * rate


def test_more_cached_than_input_is_believed_as_far_as_the_input_goes() -> None:
    """An upstream that counts wrong does not make a negative cost."""
    usage = Usage(input_tokens=10, cached_tokens=25, cache_write_tokens=25)
    assert PRICES.cost(usage) == TokenCost(prompt=10, completion=0)
