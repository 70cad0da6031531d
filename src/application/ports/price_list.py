"""Port PriceList: what a target charges, for whoever reports cost afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from llm_gateway.domain.target import Target
from llm_gateway.domain.token_prices import TokenPrices


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPrices:
    """`source` is where they come from with its version: `genai-prices 0.2.3`, or `configuration`."""

    prices: TokenPrices
    source: str


class PriceList(Protocol):
    """Called by telemetry sinks, never on the request path."""

    async def of(self, target: Target) -> ListedPrices | None:
        """None: nobody knows. Raises nothing; the first question about a target may take a moment."""
        ...
