"""A feed and a real sink before a peer on a real socket that misbehaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from llm_gateway.adapters.costops.sink import CostOpsSink
from llm_gateway.adapters.observatory.sink import INGEST_PATH, ObservatorySink
from llm_gateway.adapters.upstream_transport.native.transport import NativeTransport
from llm_gateway.application.ports.telemetry_sink import TelemetrySink
from llm_gateway.application.ports.upstream_transport import Timeouts
from llm_gateway.application.telemetry_feed import FeedLimits, TelemetryFeed
from llm_gateway.domain.usage_record import UsageRecord
from tests.fakes.clock import FakeClock
from tests.fakes.peer_service import PeerService
from tests.fakes.price_list import FakePriceList
from tests.fakes.telemetry_observer import FakeTelemetryObserver
from tests.samples.usage_records import usage_record

QUICK = Timeouts(connect=5.0, first_byte=0.1, idle=5.0, total=5.0)
PATIENT = Timeouts(connect=20.0, first_byte=20.0, idle=20.0, total=20.0)
LIMITS = FeedLimits(capacity=500, linger=0.001, most_at_once=8, first_pause=0.001, longest_pause=0.002)


@dataclass
class Scene:
    service: PeerService
    sink: TelemetrySink[UsageRecord]
    observer: FakeTelemetryObserver
    feed: TelemetryFeed[UsageRecord]

    def offer(self, first: int, last: int) -> None:
        for number in range(first, last + 1):
            self.feed.offer(usage_record(decision_id=f"d-{number}"))

    @property
    def arrived(self) -> list[str]:
        spans = [span["metadata"]["attributes"]["decision_id"] for span in self.service.spans]
        return spans + [record["metadata"]["decision_id"] for record in self.service.attributions]

    @property
    def delivered(self) -> int:
        return self.observer.deliveries[self.sink.name]

    @property
    def dropped(self) -> int:
        return self.observer.drops[self.sink.name]


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - it is the state of others that is waited for
            await asyncio.sleep(0.001)


def ids(first: int, last: int) -> list[str]:
    return [f"d-{number}" for number in range(first, last + 1)]


@asynccontextmanager
async def running(name: str, timeouts: Timeouts, limits: FeedLimits = LIMITS) -> AsyncIterator[Scene]:
    service = PeerService()
    async with service.server() as server:
        sink: TelemetrySink[UsageRecord]
        parts: dict[str, Any] = {"prices": FakePriceList(), "environment": "dev", "timeouts": timeouts}
        if name == "observatory":
            sink = ObservatorySink(server.origin + INGEST_PATH, NativeTransport(), **parts)
        else:
            sink = CostOpsSink(server.origin, NativeTransport(), **parts)
        observer = FakeTelemetryObserver()
        feed = TelemetryFeed(
            sink, observer=observer, clock=FakeClock(), randomness=lambda: 0.5, limits=limits
        )
        feed.start()
        yield Scene(service, sink, observer, feed)
        await feed.stop(5.0)


@pytest.fixture(params=["observatory", "costops"])
async def scene(request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    async with running(request.param, PATIENT) as made:
        yield made


@pytest.mark.parametrize("mode", ["503", "404", "garbage"])
async def test_an_outage_loses_nothing_that_the_queue_holds(scene: Scene, mode: str) -> None:
    """Whichever kind: what happened meanwhile arrives afterwards, each once."""
    scene.service.mode = mode
    scene.offer(1, 30)
    await until(lambda: (figures := scene.feed.figures()) is not None and figures.reachable is False)
    scene.offer(31, 60)
    scene.service.mode = "up"
    await until(lambda: scene.delivered == 60)
    assert (sorted(scene.arrived), scene.dropped) == (sorted(ids(1, 60)), 0)


@pytest.mark.parametrize("name", ["observatory", "costops"])
async def test_a_peer_that_never_answers_is_an_outage(name: str) -> None:
    """Once it answers, everything arrives; what it had taken in silence may do so twice."""
    async with running(name, QUICK) as scene:
        scene.service.mode = "silent"
        scene.offer(1, 20)
        await until(lambda: (figures := scene.feed.figures()) is not None and figures.reachable is False)
        scene.service.mode = "up"
        await until(lambda: scene.delivered == 20)
        assert (set(scene.arrived), scene.dropped) == (set(ids(1, 20)), 0)


async def test_an_outage_that_is_too_long_drops_the_oldest_and_counts(scene: Scene) -> None:
    """The latest 500 are there when it is over."""
    scene.service.mode = "503"
    scene.offer(1, 1200)
    await until(lambda: (figures := scene.feed.figures()) is not None and figures.reachable is False)
    await until(lambda: scene.dropped == 700)
    scene.service.mode = "up"
    await until(lambda: scene.delivered == 500)
    assert sorted(scene.arrived) == sorted(ids(701, 1200))


async def test_an_answer_that_breaks_off_is_not_asked_for_again(scene: Scene) -> None:
    """Its status has come: nothing is told twice."""
    scene.service.mode = "cut"
    scene.offer(1, 20)
    await until(lambda: scene.delivered == 20)
    assert sorted(scene.arrived) == sorted(ids(1, 20))


async def test_answers_that_take_their_time_do_not_hold_up_the_rest() -> None:
    """The peer answers nobody until 64 calls with 6,400 records are with it: offering goes on, all arrive."""
    async with running("observatory", PATIENT, FeedLimits(most_at_once=64)) as scene:
        gate = scene.service.gate = asyncio.Event()
        for start in range(1, 6401, 100):
            scene.offer(start, start + 99)
            await asyncio.sleep(0)
        await until(lambda: scene.service.waiting == 64)
        scene.offer(6401, 7000)
        gate.set()
        await until(lambda: scene.delivered == 7000)
        assert (scene.service.most_waiting, scene.dropped) == (64, 0)
        assert sorted(scene.arrived) == sorted(ids(1, 7000))
