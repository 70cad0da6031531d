"""AddModelMetadata: what is known of the models, put in force once a worker is ready."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from llm_gateway.application.active_configuration import ActiveConfiguration
from llm_gateway.application.enrich_configuration import enrich_configuration
from llm_gateway.application.enriched_configuration_source import EnrichedConfigurationSource
from llm_gateway.application.live_configuration import LiveConfiguration
from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.model_metadata import ModelMetadata
from llm_gateway.application.reload_configuration import ReloadConfiguration

TRIGGER = "model metadata"


class AddModelMetadata:
    """Called once by each worker; later reloads find the data through `source`. All workers come to the same
    snapshot, because the data is the same."""

    def __init__(
        self,
        live: LiveConfiguration,
        source: EnrichedConfigurationSource,
        metadata: ModelMetadata,
        reload: ReloadConfiguration,
        clock: Clock,
    ) -> None:
        self._live = live
        self._source = source
        self._metadata = metadata
        self._reload = reload
        self._clock = clock

    async def __call__(self) -> None:
        """Nothing is swapped, reported or kept when there is nothing to add."""
        async with self._live.exclusive:
            before = self._live.active
            after = await asyncio.to_thread(self._enriched, before)
            self._source.begin()
            if after is not before:
                await self._reload.adopt(after, TRIGGER)

    def _enriched(self, active: ActiveConfiguration) -> ActiveConfiguration:
        configuration = enrich_configuration(active.configuration, self._metadata)
        if configuration is active.configuration:
            return active
        return replace(
            active, configuration=configuration, snapshot=configuration.snapshot(), since=self._clock.now()
        )
