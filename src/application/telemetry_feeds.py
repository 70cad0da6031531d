"""TelemetryFeeds: all feeds of one worker, started and stopped together."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Protocol

from typing_extensions import override

from llm_gateway.application.ports.telemetry_status import TelemetryFigures, TelemetryStatus


class Feed(Protocol):
    """A TelemetryFeed, or what is around one."""

    def start(self) -> None: ...

    async def stop(self, seconds: float) -> None: ...

    def figures(self) -> TelemetryFigures | None: ...


class TelemetryFeeds(TelemetryStatus):
    def __init__(self, feeds: Iterable[Feed] = ()) -> None:
        self._feeds = tuple(feeds)

    def start(self) -> None:
        """Inside the running loop."""
        for feed in self._feeds:
            feed.start()

    async def stop(self, seconds: float) -> None:
        """All at once, so that it takes no longer than one of them."""
        await asyncio.gather(*(feed.stop(seconds) for feed in self._feeds))

    @override
    def figures(self) -> tuple[TelemetryFigures, ...]:
        return tuple(figures for feed in self._feeds if (figures := feed.figures()) is not None)
