"""ConfigurationHistory that keeps nothing: the default."""

from __future__ import annotations

from collections.abc import Sequence

from llm_gateway.application.ports.configuration_history import ConfigurationHistory, ConfigurationVersion


class NullConfigurationHistory(ConfigurationHistory):
    def record(self, version: ConfigurationVersion) -> str:
        return ""

    def list(self) -> Sequence[tuple[str, ConfigurationVersion]]:
        return ()

    def load(self, version_id: str) -> ConfigurationVersion | None:
        return None
