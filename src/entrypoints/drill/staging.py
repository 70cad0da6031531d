"""Staging: the same configuration with every provider replaced by the lab, one of them at fault."""

from __future__ import annotations

from dataclasses import replace

from llm_gateway.application.configuration import AuthSettings, GatewayConfiguration, ProviderAccount
from llm_gateway.application.ports.configuration_source import ConfigurationSource, LoadedConfiguration
from llm_gateway.application.ports.upstream_transport import Timeouts
from llm_gateway.application.secret import Secret
from llm_gateway.domain.errors import ConfigurationError

# A drill must not take as long as a real timeout; their order (idle within total) is what matters.
TIMEOUTS = Timeouts(connect=1.0, first_byte=0.5, idle=0.5, total=10.0)
PROVIDER_HEADER = "x-drill-provider"
_FAULT_HEADER = "x-lab-fault"
_PATH = {"openai.chat": "/v1", "anthropic.messages": "/v1", "google.generate_content": "/v1beta"}
# Port 9 is "discard" (RFC 863) and needs a privilege to listen on: nothing answers on loopback.
_NOBODY = "http://127.0.0.1:9"


class StagedSource(ConfigurationSource[GatewayConfiguration]):
    """A configuration that is already there."""

    def __init__(self, configuration: GatewayConfiguration) -> None:
        self._configuration = configuration

    def load(self) -> LoadedConfiguration[GatewayConfiguration]:
        return LoadedConfiguration(configuration=self._configuration, text="", digest="", origin="drill")

    def check(self, text: str) -> LoadedConfiguration[GatewayConfiguration]:
        return self.load()

    def write(self, text: str) -> None:
        raise ConfigurationError("a drill's configuration is not written anywhere")


def staged(
    configuration: GatewayConfiguration, lab_url: str, *, faulty: str, fault: str
) -> GatewayConfiguration:
    """Routing, retries, breakers, limits and weights as they are; upstreams, keys and timeouts are not."""
    return replace(
        configuration,
        providers=tuple(
            _staged_account(account, lab_url, fault if account.id == faulty else "lorem")
            for account in configuration.providers
        ),
        auth=AuthSettings(mode="none"),
    )


def _staged_account(account: ProviderAccount, lab_url: str, fault: str) -> ProviderAccount:
    unreachable = fault == "unreachable"
    return replace(
        account,
        base_url=(_NOBODY if unreachable else lab_url) + _PATH[account.dialect],
        api_key=Secret("drill"),
        headers=((_FAULT_HEADER, "lorem" if unreachable else fault), (PROVIDER_HEADER, account.id)),
        timeouts=TIMEOUTS,
    )
