"""FakeConfigurationOverlays: one overlay in memory; `rivals` slip in before the next replacements."""

from __future__ import annotations

from llm_gateway.application.configuration_change import ConfigurationOverlay
from llm_gateway.application.ports.configuration_overlays import ConfigurationOverlays


class FakeConfigurationOverlays(ConfigurationOverlays):
    def __init__(self, overlay: ConfigurationOverlay | None = None) -> None:
        self.overlay = overlay
        self.rivals: list[ConfigurationOverlay] = []

    def load(self) -> ConfigurationOverlay | None:
        return self.overlay

    def replace(self, old: ConfigurationOverlay | None, new: ConfigurationOverlay | None) -> bool:
        if self.rivals:
            self.overlay = self.rivals.pop(0)
        if self.overlay != old:
            return False
        self.overlay = new
        return True
