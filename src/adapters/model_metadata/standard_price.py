"""The standard price of a model in genai-prices: what a plain request of moderate length costs.

Left out are the hours with a discount or a surcharge, and everything that is not charged by text tokens;
`per_million` also leaves out the dearer tiers of very long requests.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from llm_gateway.domain.token_cost import price_per_token
from llm_gateway.domain.token_prices import TokenPrices, TokenRate

if TYPE_CHECKING:
    from genai_prices.types import ConditionalPrice, ModelInfo, ModelPrice, TieredPrices

_CHARGED = ("input", "output", "cache_read", "cache_write")

# Prices that begin later are announced, not in force. A fixed day and not today's, so that every worker and
# every replay of one version finds the same; it moves on when the package in the lock file does.
AS_OF = datetime.date(2026, 11, 23)


def standard_price(model: ModelInfo) -> ModelPrice | None:
    """Of the prices without hours, the last that was in force at `AS_OF`; the list is in the order of time
    (genai_prices.types.ModelInfo.prices)."""
    if not isinstance(model.prices, list):
        return model.prices
    in_force = [price for price in model.prices if _in_force(price)]
    return in_force[-1].prices if in_force else None


def per_million(prices: ModelPrice | None, name: str) -> str | None:
    """A price such as `input_mtok`, as a decimal string in USD per million tokens."""
    value = getattr(prices, name, None)
    amount = getattr(value, "base", value)
    if not isinstance(amount, Decimal) or not amount.is_finite() or amount < 0:
        return None
    return format(amount.normalize(), "f")


def token_prices(prices: ModelPrice | None) -> TokenPrices | None:
    """All of it that is charged by text tokens. None without a price for input and one for output."""
    rates = {name: _rate(getattr(prices, f"{name}_mtok", None)) for name in _CHARGED}
    if rates["input"] is None or rates["output"] is None:
        return None
    return TokenPrices(
        input=rates["input"],
        output=rates["output"],
        cached=rates["cache_read"],
        cache_write=rates["cache_write"],
    )


def _rate(value: Decimal | TieredPrices | None) -> TokenRate | None:
    base = getattr(value, "base", value)
    tiers = getattr(value, "tiers", ())
    try:
        return TokenRate(
            base=price_per_token(str(base)),
            tiers=tuple((tier.start, price_per_token(str(tier.price))) for tier in tiers),
        )
    except ValueError:
        return None


def _in_force(price: ConditionalPrice) -> bool:
    if price.constraint is None:
        return True
    starts = getattr(price.constraint, "start_date", None)
    return isinstance(starts, datetime.date) and starts <= AS_OF
