"""GenaiPricesMetadata: model metadata from the data that the genai-prices package brings along.

The package can update itself over the network; that part is never started here. It holds prices and context
windows, but neither capabilities nor limits of the output.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from typing_extensions import override

from llm_gateway.adapters.model_metadata.standard_price import per_million, standard_price, token_prices
from llm_gateway.application.ports.model_metadata import KnownModel, ModelMetadata

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, Provider

# Provider types that the data calls differently; all others have the same name there or are not in it.
_NAMES = {"azure_openai": "azure", "azure_openai_entra": "azure", "xai": "x-ai"}
# Models that are charged by these, too, are for speech or pictures and not for chat completions.
_OTHER_MEDIA = re.compile("audio|image")

_log = logging.getLogger("llm_gateway.model_metadata")


class GenaiPricesMetadata(ModelMetadata):
    """Imports the package at the first question that its data could answer: some 100 ms, and 8 MB."""

    @override
    def lookup(self, provider_type: str, base_url: str, model: str) -> KnownModel | None:
        provider = self._provider(provider_type, base_url)
        if provider is None:
            return None
        found = provider.find_model(model, all_providers=list(self._providers))
        if found is None:
            return None
        prices = standard_price(found)
        return KnownModel(
            source=self._source,
            context_window=found.context_window,
            input_price=per_million(prices, "input_mtok"),
            output_price=per_million(prices, "output_mtok"),
            prices=token_prices(prices),
        )

    @override
    def offered(self, base_url: str) -> Sequence[str]:
        """Those with a context window that are charged for text in and text out. The data does not say
        which endpoint serves a model: a few may refuse chat completions, as with the upstream's own list."""
        provider = self._provider("", base_url)
        return sorted(model.id for model in provider.models if _is_offered(model)) if provider else ()

    def _provider(self, provider_type: str, base_url: str) -> Provider | None:
        """The address tells who the upstream is; behind a proxy's address the configured type does."""
        name = _NAMES.get(provider_type, provider_type)
        if not base_url.startswith("https://") and name in ("", "openai_compatible"):
            return None  # a server of one's own, such as the lab: not worth loading the data for
        at_address = (p for p in self._providers if re.match(p.api_pattern, base_url))
        by_name = (p for p in self._providers if p.id == name)
        return next(at_address, None) or next(by_name, None)

    @cached_property
    def _providers(self) -> Sequence[Provider]:
        try:
            from genai_prices.data import providers
        except Exception:  # whatever a broken package raises, the gateway works without it
            _log.warning("model metadata cannot be loaded: models stay unknown", exc_info=True)
            return ()
        return providers

    @cached_property
    def _source(self) -> str:
        from genai_prices import __version__

        return f"genai-prices {__version__}"


def _is_offered(model: ModelInfo) -> bool:
    prices = standard_price(model)
    return (
        not model.deprecated
        and model.context_window is not None
        and model.is_match(model.id)  # the id of a family, such as `ft:gpt-4o`, is no model's name
        and per_million(prices, "input_mtok") is not None
        and per_million(prices, "output_mtok") is not None
        and not any(_OTHER_MEDIA.search(key) for key in vars(prices))
    )
