"""Every real provider type can be configured."""

from __future__ import annotations

import pytest

from llm_gateway.adapters import providers
from llm_gateway.adapters.configuration.credential import CredentialSources, no_secrets
from llm_gateway.adapters.configuration.gateway_file import json_schema
from llm_gateway.adapters.configuration.reader import ConfigurationReader
from llm_gateway.adapters.provider_kit.catalogue import discover

TYPES = discover(providers)
KEYS = {kind.credential.environment: "k" for kind in TYPES.values() if kind.credential.environment}


def reader(environment: dict[str, str]) -> ConfigurationReader:
    sources = CredentialSources(environment=environment, secret=no_secrets)
    return ConfigurationReader(types=TYPES, sources=sources)


@pytest.mark.parametrize("name", sorted(TYPES))
def test_a_type_with_its_key_makes_a_routable_provider(name: str) -> None:
    """With a base URL where the type has none of its own."""
    text = f"providers: [{{id: it, type: {name}, base_url: 'https://upstream.test/v1', api_key: k}}]"
    configuration = reader({}).read(text, "gateway.yaml").configuration
    assert configuration.providers[0].usable
    assert list(configuration.snapshot().providers) == ["it"]


@pytest.mark.parametrize("variable", sorted(KEYS))
def test_a_key_alone_makes_a_provider_where_the_address_is_known(variable: str) -> None:
    """The quickest start: set one variable."""
    known = {n for n, kind in TYPES.items() if kind.credential.environment == variable and kind.base_url}
    configuration = reader({variable: "k"}).read("", "environment").configuration
    assert {account.id for account in configuration.providers} <= known
    assert bool(configuration.providers) == any(TYPES[name].credential.required for name in known)


def test_the_schema_offers_every_type() -> None:
    """In an editor's completion."""
    schema = json_schema(TYPES)
    choices = schema["$defs"]["ProviderEntry"]["properties"]["type"]["anyOf"][0]["enum"]
    assert choices == sorted(TYPES)
