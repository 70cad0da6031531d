"""TelemetryFeeds: several feeds as one."""

from __future__ import annotations

import asyncio

from llm_gateway.application.telemetry_feed import TelemetryFeed
from llm_gateway.application.telemetry_feeds import TelemetryFeeds
from tests.fakes.clock import FakeClock
from tests.fakes.telemetry_observer import FakeTelemetryObserver
from tests.fakes.telemetry_sink import DELIVERED, FakeTelemetrySink


def feed(sink: FakeTelemetrySink) -> TelemetryFeed[int]:
    return TelemetryFeed(sink, observer=FakeTelemetryObserver(), clock=FakeClock(), randomness=lambda: 0.5)


async def test_they_are_stopped_at_the_same_time() -> None:
    """The second one's answer is what the first one waits for."""
    sinks = [FakeTelemetrySink(batch=1), FakeTelemetrySink(batch=1)]
    first, second = feed(sinks[0]), feed(sinks[1])
    sinks[0].gate = asyncio.Event()
    sinks[1].answer = lambda items: (sinks[0].gate.set(), DELIVERED)[1] if sinks[0].gate else DELIVERED
    feeds = TelemetryFeeds([first, second])
    feeds.start()
    first.offer(1)
    second.offer(2)
    await feeds.stop(20.0)
    assert [sink.taken for sink in sinks] == [[1], [2]]
    assert all(sink.closed for sink in sinks)


def test_only_configured_peers_have_figures() -> None:
    """One for each."""
    feeds = TelemetryFeeds([feed(FakeTelemetrySink()), feed(FakeTelemetrySink(endpoint=None))])
    assert [figures.endpoint for figures in feeds.figures()] == ["http://peer/v1"]
    assert TelemetryFeeds().figures() == ()
