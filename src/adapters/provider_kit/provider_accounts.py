"""ProviderAccounts: the callable accounts of the configuration in force."""

from __future__ import annotations

from collections.abc import Mapping

from llm_gateway.adapters.provider_kit.configured_provider import ConfiguredProvider
from llm_gateway.application.configuration import GatewayConfiguration
from llm_gateway.application.ports.dialect import Dialect
from llm_gateway.application.ports.upstream_provider import UpstreamProvider
from llm_gateway.domain.errors import ConfigurationError


class ProviderAccounts:
    """Implements ProviderDirectory; swapped whole when a configuration is adopted."""

    def __init__(self, dialects: Mapping[str, Dialect]) -> None:
        self._dialects = dialects
        self._providers: Mapping[str, UpstreamProvider] = {}

    def adopt(self, configuration: GatewayConfiguration) -> None:
        """Raises ConfigurationError for a dialect that does not exist; the former accounts then stay."""
        providers: dict[str, UpstreamProvider] = {}
        for account in configuration.providers:
            dialect = self._dialects.get(account.dialect)
            if dialect is None:
                raise ConfigurationError(f"provider {account.id}: no dialect named {account.dialect!r}")
            providers[account.id] = ConfiguredProvider(account, dialect)
        self._providers = providers

    def provider(self, provider_id: str) -> UpstreamProvider:
        return self._providers[provider_id]
