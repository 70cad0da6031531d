"""Prices as integers."""

from __future__ import annotations

import pytest

from llm_gateway.domain.token_cost import budget, dollars, output_estimate, price_per_token


def test_a_price_per_million_tokens_and_a_budget_have_the_same_unit() -> None:
    """A million tokens at 2.50 USD cost exactly 2.50 USD."""
    assert price_per_token("2.50") * 1_000_000 == budget("2.5")
    assert dollars(budget("2.5")) == 2.5


@pytest.mark.parametrize("text", ["", "a", "-1", "NaN", "Infinity", "1e999999999"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    """Nonsense must not become a price."""
    with pytest.raises(ValueError):
        budget(text)


def test_the_answer_is_estimated_by_its_limit() -> None:
    """Without a limit the answer is taken to be as long as the request."""
    assert output_estimate(10, 500) == 500
    assert output_estimate(10, None) == 10
