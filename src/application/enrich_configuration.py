"""What is publicly known of the models, added to a configuration where it says nothing itself."""

from __future__ import annotations

from dataclasses import replace

from llm_gateway.application.configuration import GatewayConfiguration, ProviderAccount
from llm_gateway.application.ports.model_metadata import KnownModel, ModelMetadata
from llm_gateway.domain.glob import compile_glob
from llm_gateway.domain.provider import Model

MAX_OFFERED = 100
"""Models that an account without a named one gets at most."""


def enrich_configuration(
    configuration: GatewayConfiguration, metadata: ModelMetadata
) -> GatewayConfiguration:
    """The same object when nothing is to be added; enriching twice adds nothing more. Blocks at first.

    Named models get the context window and the prices that they lack. An account that has patterns only
    (`gpt-*`) also gets, by name, the first `MAX_OFFERED` models that its upstream offers and that match one,
    with what the pattern says of them: so that they are listed, and their windows and prices count.
    """
    accounts = tuple(_enriched(account, metadata) for account in configuration.providers)
    if accounts == configuration.providers:
        return configuration
    return replace(configuration, providers=accounts)


def _enriched(account: ProviderAccount, metadata: ModelMetadata) -> ProviderAccount:
    models = (*_offered(account, metadata), *account.models)
    found = {
        model.name: metadata.lookup(account.type, account.base_url, model.name)
        for model in models
        if not model.is_pattern
    }
    return replace(
        account,
        models=tuple(_filled(model, found.get(model.name)) for model in models),
        metadata_sources={name: known.source for name, known in found.items() if known is not None},
    )


def _offered(account: ProviderAccount, metadata: ModelMetadata) -> tuple[Model, ...]:
    if not account.models or not all(model.is_pattern for model in account.models):
        return ()
    patterns = [(compile_glob(model.name), model) for model in account.models]
    matched = (
        replace(pattern, name=name)
        for name in metadata.offered(account.base_url)
        if (pattern := next((model for matches, model in patterns if matches(name)), None))
    )
    return tuple(matched)[:MAX_OFFERED]


def _filled(model: Model, known: KnownModel | None) -> Model:
    if known is None:
        return model
    return replace(
        model,
        context_window=known.context_window if model.context_window is None else model.context_window,
        input_price=known.input_price if model.input_price is None else model.input_price,
        output_price=known.output_price if model.output_price is None else model.output_price,
    )
