"""ConfigurationWatch that never notices anything: without a file there is nothing to watch."""

from __future__ import annotations

from collections.abc import AsyncIterator

from llm_gateway.application.ports.configuration_watch import ConfigurationWatch


class NullConfigurationWatch(ConfigurationWatch):
    """Its iteration ends at once."""

    async def changes(self) -> AsyncIterator[str]:
        return
        yield
