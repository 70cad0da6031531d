"""Port ModelMetadata: what is publicly known of the models of well-known upstreams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from llm_gateway.domain.token_prices import TokenPrices


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownModel:
    """`context_window` is tokens; `input_price` and `output_price` are decimal strings, USD per million
    tokens, and `prices` the same with what is charged differently (tiers, cached tokens); None is not known.

    `source` is where this comes from with its version, for people: `genai-prices 0.2.3`.
    """

    source: str
    context_window: int | None = None
    input_price: str | None = None
    output_price: str | None = None
    prices: TokenPrices | None = None


class ModelMetadata(Protocol):
    """Called when a configuration is put together, off the event loop: the first call may take a quarter of
    a second to load the data. Raises nothing: data that cannot be loaded knows nothing. The same version of
    the data always gives the same answers.

    An upstream is told by the provider type's name and by the base URL of the account.
    """

    def lookup(self, provider_type: str, base_url: str, model: str) -> KnownModel | None:
        """What is known of a model by the name that its upstream uses, or None."""
        ...

    def offered(self, base_url: str) -> Sequence[str]:
        """Names of the current models of the upstream at that address, sorted; none for a stranger's."""
        ...
