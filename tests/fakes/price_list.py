"""FakePriceList: a PriceList that knows what it was told."""

from __future__ import annotations

from collections.abc import Mapping

from llm_gateway.application.ports.price_list import ListedPrices, PriceList
from llm_gateway.domain.target import Target
from llm_gateway.domain.token_prices import TokenPrices, TokenRate

# 2 USD a million tokens in, a tenth of that for cached ones, 10 USD a million out.
LISTED = ListedPrices(
    prices=TokenPrices(
        input=TokenRate(base=2 * 10**12),
        output=TokenRate(base=10 * 10**12),
        cached=TokenRate(base=2 * 10**11),
    ),
    source="fake-prices 1",
)


class FakePriceList(PriceList):
    def __init__(self, known: Mapping[Target, ListedPrices] | None = None) -> None:
        self.known = known or {}

    async def of(self, target: Target) -> ListedPrices | None:
        return self.known.get(target)
