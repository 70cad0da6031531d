"""FakeConfigurationHistory: versions in a list; `failure` makes every call raise it."""

from __future__ import annotations

from collections.abc import Sequence

from llm_gateway.application.ports.configuration_history import ConfigurationHistory, ConfigurationVersion


class FakeConfigurationHistory(ConfigurationHistory):
    def __init__(self, keep: int = 50) -> None:
        self.versions: list[ConfigurationVersion] = []
        self.failure: OSError | None = None
        self._keep = keep
        self._forgotten = 0

    def record(self, version: ConfigurationVersion) -> str:
        self._check()
        if not (self.versions and self.versions[-1].same_content(version)):
            self.versions.append(version)
            if len(self.versions) > self._keep:
                del self.versions[0]
                self._forgotten += 1
        return self._id(len(self.versions) - 1)

    def list(self) -> Sequence[tuple[str, ConfigurationVersion]]:
        self._check()
        return [(self._id(place), version) for place, version in enumerate(self.versions)][::-1]

    def load(self, version_id: str) -> ConfigurationVersion | None:
        return dict(self.list()).get(version_id)

    def _id(self, place: int) -> str:
        return f"{place + self._forgotten:06d}"

    def _check(self) -> None:
        if self.failure is not None:
            raise self.failure
