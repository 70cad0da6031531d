"""Token cost: prices as integers, so that estimates compare the same everywhere."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

# One USD per million tokens is 10^12 attodollars (10^-18 USD) per token.
_PER_TOKEN = 12
_PER_DOLLAR = 18


def price_per_token(usd_per_million: str) -> int:
    """Attodollars per token. Raises ValueError unless it is a finite decimal number ≥ 0."""
    return _scaled(usd_per_million, _PER_TOKEN)


def budget(usd: str) -> int:
    """Attodollars. Raises ValueError unless it is a finite decimal number ≥ 0."""
    return _scaled(usd, _PER_DOLLAR)


def dollars(attodollars: int) -> float:
    return attodollars / 1_000_000_000_000_000_000


def output_estimate(input_tokens: int, max_output_tokens: int | None) -> int:
    """Tokens of the answer, for a price estimate: all that the request allows.

    A request that sets no limit is taken to be answered as long as it is itself: the size of an answer is
    not known beforehand, and an estimate mostly serves to compare targets for the same request.
    """
    return input_tokens if max_output_tokens is None else max_output_tokens


def _scaled(text: str, exponent: int) -> int:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text!r} is not a decimal number") from None
    if not amount.is_finite() or amount < 0 or amount.adjusted() > 12:
        raise ValueError(f"{text!r} is not an amount of money")
    return int(amount.scaleb(exponent))
