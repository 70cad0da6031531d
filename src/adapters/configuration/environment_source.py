"""ConfigurationSource without a file: defaults, and a provider for each provider key that is known."""

from __future__ import annotations

from llm_gateway.adapters.configuration.reader import ConfigurationReader
from llm_gateway.application.configuration import GatewayConfiguration
from llm_gateway.application.ports.configuration_source import ConfigurationSource, LoadedConfiguration
from llm_gateway.domain.errors import ConfigurationError

ORIGIN = "environment"


class EnvironmentConfigurationSource(ConfigurationSource[GatewayConfiguration]):
    """An empty file in all but name."""

    def __init__(self, reader: ConfigurationReader) -> None:
        self._reader = reader

    def load(self) -> LoadedConfiguration[GatewayConfiguration]:
        return self.check("")

    def check(self, text: str) -> LoadedConfiguration[GatewayConfiguration]:
        return self._reader.read(text, ORIGIN)

    def write(self, text: str) -> None:
        if text:
            raise ConfigurationError(
                "there is no configuration file to write to", hint="start with --config gateway.yaml"
            )
