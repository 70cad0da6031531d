"""ConfigurationHistory in this process: for a gateway without a state directory."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from llm_gateway.adapters.configuration_history.version_id import version_id
from llm_gateway.application.ports.configuration_history import ConfigurationHistory, ConfigurationVersion


class MemoryConfigurationHistory(ConfigurationHistory):
    def __init__(self, keep: int = 50) -> None:
        self._versions: deque[tuple[str, ConfigurationVersion]] = deque(maxlen=keep)

    def record(self, version: ConfigurationVersion) -> str:
        newest = self._versions[-1] if self._versions else None
        if newest is not None and newest[1].same_content(version):
            return newest[0]
        identifier = version_id(version.recorded_at, newest[0] if newest else None)
        self._versions.append((identifier, version))
        return identifier

    def list(self) -> Sequence[tuple[str, ConfigurationVersion]]:
        return tuple(reversed(self._versions))

    def load(self, version_id: str) -> ConfigurationVersion | None:
        return dict(self._versions).get(version_id)
