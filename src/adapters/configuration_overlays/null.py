"""ConfigurationOverlays that hold nothing: the default. The optimizer's changes are refused."""

from __future__ import annotations

from llm_gateway.application.configuration_change import ConfigurationOverlay
from llm_gateway.application.ports.configuration_overlays import ConfigurationOverlays
from llm_gateway.domain.errors import ConfigurationError


class NullConfigurationOverlays(ConfigurationOverlays):
    def load(self) -> ConfigurationOverlay | None:
        return None

    def replace(self, old: ConfigurationOverlay | None, new: ConfigurationOverlay | None) -> bool:
        if new is not None:
            raise ConfigurationError("there is no state directory to keep the changes in")
        return old is None
