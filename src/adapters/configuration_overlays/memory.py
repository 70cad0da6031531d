"""ConfigurationOverlays in this process: right for a gateway with one worker, gone when it ends."""

from __future__ import annotations

from llm_gateway.application.configuration_change import ConfigurationOverlay
from llm_gateway.application.ports.configuration_overlays import ConfigurationOverlays


class MemoryConfigurationOverlays(ConfigurationOverlays):
    def __init__(self) -> None:
        self._overlay: ConfigurationOverlay | None = None

    def load(self) -> ConfigurationOverlay | None:
        return self._overlay

    def replace(self, old: ConfigurationOverlay | None, new: ConfigurationOverlay | None) -> bool:
        if self._overlay != old:
            return False
        self._overlay = new
        return True
