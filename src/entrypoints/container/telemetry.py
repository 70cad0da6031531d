"""Who is told afterwards what happened, as the settings want it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, TypeVar

from llm_gateway.adapters.metrics.telemetry_metrics import TelemetryMetrics
from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.telemetry_sink import TelemetrySink
from llm_gateway.application.telemetry_feed import FeedLimits, TelemetryFeed
from llm_gateway.application.telemetry_feeds import TelemetryFeeds
from llm_gateway.application.tell_finished import RecordListener
from llm_gateway.domain.usage_record import UsageRecord
from llm_gateway.entrypoints.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NewFeed:
    """Makes the feed before a sink. Its counters are exported from then on."""

    observer: TelemetryMetrics
    clock: Clock

    def __call__(self, sink: TelemetrySink[T], limits: FeedLimits | None = None) -> TelemetryFeed[T]:
        self.observer.expect(sink.name)
        return TelemetryFeed(
            sink, observer=self.observer, clock=self.clock, randomness=random.random, limits=limits
        )


@dataclass(frozen=True, slots=True)
class Telemetry:
    """`feeds` run with the process; `listeners` are told each finished request. Both empty: nobody is."""

    feeds: TelemetryFeeds
    listeners: tuple[RecordListener, ...]


def build_telemetry(settings: Settings, new_feed: NewFeed) -> Telemetry:
    """Raises ConfigurationError for a URL that cannot be used."""
    feeds: list[TelemetryFeed[Any]] = []
    listeners: list[RecordListener] = []
    for sink in _usage_sinks(settings):
        feed = new_feed(sink)
        feeds.append(feed)
        listeners.append(feed.offer)
    return Telemetry(TelemetryFeeds(feeds), tuple(listeners))


def _usage_sinks(settings: Settings) -> tuple[TelemetrySink[UsageRecord], ...]:
    """Those that take every finished request."""
    return ()
