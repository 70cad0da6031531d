"""EnrichedConfigurationSource: a source whose configurations come with what is known of their models."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from typing_extensions import override

from llm_gateway.application.configuration import GatewayConfiguration
from llm_gateway.application.enrich_configuration import enrich_configuration
from llm_gateway.application.ports.configuration_source import ConfigurationSource, LoadedConfiguration
from llm_gateway.application.ports.model_metadata import ModelMetadata

Loaded = LoadedConfiguration[GatewayConfiguration]


class EnrichedConfigurationSource(ConfigurationSource[GatewayConfiguration]):
    """`begin="later"` leaves configurations as they are until `begin` is called, so that a start does not
    wait for the data. Text and digest are always those of what was written."""

    def __init__(
        self,
        source: ConfigurationSource[GatewayConfiguration],
        metadata: ModelMetadata,
        *,
        begin: Literal["now", "later"] = "now",
    ) -> None:
        self._source = source
        self._metadata = metadata
        self._enriching = begin == "now"

    def begin(self) -> None:
        self._enriching = True

    @override
    def load(self) -> Loaded:
        return self._enriched(self._source.load())

    @override
    def check(self, text: str) -> Loaded:
        return self._enriched(self._source.check(text))

    @override
    def write(self, text: str) -> None:
        self._source.write(text)

    def _enriched(self, loaded: Loaded) -> Loaded:
        if not self._enriching:
            return loaded
        return replace(loaded, configuration=enrich_configuration(loaded.configuration, self._metadata))
