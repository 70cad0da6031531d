"""PriceTargets: what targets charge, by the configuration in force and what is publicly known."""

from __future__ import annotations

import asyncio

from typing_extensions import override

from llm_gateway.application.configuration import ProviderAccount
from llm_gateway.application.live_configuration import LiveConfiguration
from llm_gateway.application.ports.model_metadata import KnownModel, ModelMetadata
from llm_gateway.application.ports.price_list import ListedPrices, PriceList
from llm_gateway.domain.glob import compile_glob
from llm_gateway.domain.provider import Model
from llm_gateway.domain.target import Target
from llm_gateway.domain.token_cost import price_per_token
from llm_gateway.domain.token_prices import TokenPrices, TokenRate

_MOST_KEPT = 4096  # model names may be the clients' choice


class PriceTargets(PriceList):
    """What the configuration says of a model's prices wins. What was found is kept until the next reload."""

    def __init__(self, live: LiveConfiguration, metadata: ModelMetadata) -> None:
        self._live = live
        self._metadata = metadata
        self._snapshot = ""
        self._found: dict[Target, ListedPrices | None] = {}

    @override
    async def of(self, target: Target) -> ListedPrices | None:
        active = self._live.active
        if active.snapshot.hash != self._snapshot or len(self._found) >= _MOST_KEPT:
            self._snapshot = active.snapshot.hash
            self._found.clear()
        if target in self._found:
            return self._found[target]
        accounts = {account.id: account for account in active.configuration.providers}
        account = accounts.get(target.provider_id)
        if account is None:
            return None
        # In a thread: the first question may have to load the data.
        known = await asyncio.to_thread(self._metadata.lookup, account.type, account.base_url, target.model)
        listed = self._found[target] = _listed(_configured(account, target.model), known)
        return listed


def _configured(account: ProviderAccount, name: str) -> Model | None:
    """The model of that name, else the first pattern that it matches."""
    exact = (model for model in account.models if model.name == name)
    matching = (model for model in account.models if model.is_pattern and compile_glob(model.name)(name))
    return next(exact, None) or next(matching, None)


def _listed(model: Model | None, known: KnownModel | None) -> ListedPrices | None:
    """An enriched configuration repeats what is known: only what differs from it is the operator's."""
    stated = (model.input_price, model.output_price) if model is not None else (None, None)
    public = (known.input_price, known.output_price) if known is not None else (None, None)
    inputs, outputs = (said or found for said, found in zip(stated, public, strict=True))
    if inputs is None or outputs is None:
        return None
    if (inputs, outputs) == public:
        return (
            None
            if known is None or known.prices is None
            else ListedPrices(prices=known.prices, source=known.source)
        )
    prices = TokenPrices(
        input=TokenRate(base=price_per_token(inputs)), output=TokenRate(base=price_per_token(outputs))
    )
    return ListedPrices(prices=prices, source="configuration")
