"""Who is told afterwards what happened, as the settings want it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TypeVar

from llm_gateway.adapters.costops.sink import CostOpsSink
from llm_gateway.adapters.metrics.telemetry_metrics import TelemetryMetrics
from llm_gateway.adapters.null_telemetry import NullTelemetrySink
from llm_gateway.adapters.observatory.sink import ObservatorySink
from llm_gateway.application.compliance_feed import ComplianceFeed
from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.price_list import PriceList
from llm_gateway.application.ports.telemetry_sink import TelemetrySink
from llm_gateway.application.telemetry_feed import FeedLimits, TelemetryFeed
from llm_gateway.application.telemetry_feeds import Feed, TelemetryFeeds
from llm_gateway.application.tell_compliance import TellCompliance
from llm_gateway.application.tell_finished import RecordListener
from llm_gateway.domain.request_outcome import may_have_cost
from llm_gateway.domain.usage_record import UsageRecord
from llm_gateway.entrypoints.container.tracing import Tracing
from llm_gateway.entrypoints.container.upstreams import upstream_transport
from llm_gateway.entrypoints.settings import Settings

T = TypeVar("T")

# Its answers take up to 7 s: 64 calls of 100 records in that time are 900 records a second and worker.
_OBSERVATORY = FeedLimits(most_at_once=64)
# One record a call: 32 calls one after the other save 80 µs for each at 500 a second (measured 2026-11-24).
_COSTOPS = FeedLimits(lot=32)


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


def build_telemetry(
    settings: Settings,
    new_feed: NewFeed,
    prices: PriceList,
    compliance: ComplianceFeed | None,
    tell: TellCompliance | None,
    tracing: Tracing | None,
) -> Telemetry:
    """A peer that is not configured has no feed at all. Raises ConfigurationError for a URL of no use."""
    feeds: list[Feed] = []
    listeners: list[RecordListener] = []
    observatory = _observatory(settings, prices)
    if observatory.endpoint is not None:
        feed = new_feed(observatory, _OBSERVATORY)
        feeds.append(feed)
        listeners.append(feed.offer)
    costops = _costops(settings, prices)
    if costops.endpoint is not None:
        feed = new_feed(costops, _COSTOPS)
        feeds.append(feed)
        listeners.append(_if_it_may_have_cost(feed.offer))
    if compliance is not None and tell is not None:
        feeds.append(compliance)
        listeners.append(tell.finished)
    if tracing is not None:
        feeds.append(tracing.feed)
        listeners.append(tracing.listener)
    return Telemetry(TelemetryFeeds(feeds), tuple(listeners))


def _observatory(settings: Settings, prices: PriceList) -> TelemetrySink[UsageRecord]:
    if settings.telemetry_endpoint is None:
        return NullTelemetrySink()
    return ObservatorySink(
        settings.telemetry_endpoint,
        upstream_transport(settings),
        prices,
        environment=settings.platform_env,
    )


def _costops(settings: Settings, prices: PriceList) -> TelemetrySink[UsageRecord]:
    if settings.costops_url is None:
        return NullTelemetrySink()
    return CostOpsSink(
        settings.costops_url, upstream_transport(settings), prices, environment=settings.platform_env
    )


def _if_it_may_have_cost(tell: RecordListener) -> RecordListener:
    def listen(record: UsageRecord) -> None:
        if may_have_cost(record):
            tell(record)

    return listen
