"""FakeConfigurationWatch: gives the notices that it was given, then ends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from llm_gateway.application.ports.configuration_watch import ConfigurationWatch


class FakeConfigurationWatch(ConfigurationWatch):
    def __init__(self, notices: Sequence[str]) -> None:
        self._notices = notices

    async def changes(self) -> AsyncIterator[str]:
        for notice in self._notices:
            yield notice
