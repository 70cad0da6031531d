"""Which of a model's prices is its standard price."""

from __future__ import annotations

import datetime
from decimal import Decimal
from importlib.metadata import version

import pytest
from genai_prices.types import (
    ClauseEquals,
    ConditionalPrice,
    ModelInfo,
    ModelPrice,
    StartDateConstraint,
    Tier,
    TieredPrices,
    TimeOfDateConstraint,
)

from llm_gateway.adapters.model_metadata.standard_price import AS_OF, per_million, standard_price

DAY = datetime.timedelta(days=1)
FIRST, SECOND, THIRD = (ModelPrice(input_mtok=Decimal(n)) for n in (1, 2, 3))


def model(*prices: ConditionalPrice) -> ModelInfo:
    return ModelInfo(id="m", match=ClauseEquals("m"), prices=list(prices))


def since(start: datetime.date) -> StartDateConstraint:
    return StartDateConstraint(start_date=start)


def test_a_single_price_is_it() -> None:
    """Most models have one."""
    assert standard_price(ModelInfo(id="m", match=ClauseEquals("m"), prices=FIRST)) is FIRST


def test_the_last_price_in_force_counts() -> None:
    """One that begins on the day itself is in force, one of the next day is only announced."""
    first = ConditionalPrice(prices=FIRST)
    second = ConditionalPrice(since(AS_OF), prices=SECOND)
    third = ConditionalPrice(since(AS_OF + DAY), prices=THIRD)
    assert standard_price(model(first, second, third)) is SECOND


def test_prices_of_certain_hours_are_left_out() -> None:
    """An estimate must not depend on the time of day."""
    hours = TimeOfDateConstraint(start_time=datetime.time(1), end_time=datetime.time(4))
    assert (
        standard_price(model(ConditionalPrice(prices=FIRST), ConditionalPrice(hours, prices=SECOND))) is FIRST
    )
    assert standard_price(model(ConditionalPrice(hours, prices=SECOND))) is None


def test_of_tiers_the_base_counts() -> None:
    """The price of a request of moderate length."""
    tiers = TieredPrices(base=Decimal("1.250"), tiers=[Tier(start=200_000, price=Decimal("2.5"))])
    assert per_million(ModelPrice(input_mtok=tiers), "input_mtok") == "1.25"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("10", "10"),
        ("100", "100"),
        ("0.10", "0.1"),
        ("1E-7", "0.0000001"),
        ("0", "0"),
        ("NaN", None),
        ("-1", None),
    ],
)
def test_prices_are_plain_decimals(amount: str, text: str | None) -> None:
    """No exponents; what is no price is not known."""
    assert per_million(ModelPrice(input_mtok=Decimal(amount)), "input_mtok") == text


def test_a_price_that_is_not_given_is_not_known() -> None:
    """Nor is that of a model without any."""
    assert per_million(FIRST, "output_mtok") is None
    assert per_million(None, "input_mtok") is None


def test_the_day_belongs_to_the_locked_version() -> None:
    """Fails when the package is renewed: then `AS_OF` has to become the day on which that was done."""
    assert (version("genai-prices"), AS_OF) == ("0.2.3", datetime.date(2026, 11, 23))
