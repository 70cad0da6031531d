"""TelemetryFeed: batches, outages and overflow over fakes, in a real event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from llm_gateway.application.telemetry_feed import FeedLimits, TelemetryFeed
from llm_gateway.domain.delivery_answer import DeliveryAnswer
from tests.fakes.clock import FakeClock
from tests.fakes.telemetry_observer import FakeTelemetryObserver
from tests.fakes.telemetry_sink import DELIVERED, FakeTelemetrySink

OUTAGE = DeliveryAnswer(meaning="outage", status=503, text="down")
BROKEN = DeliveryAnswer(meaning="ambiguous", status=500, text="oops")
REFUSED = DeliveryAnswer(meaning="permanent", status=400, text="no")


class Scene:
    """Pauses of a millisecond; `linger` is long enough to tell a full batch from one that has waited."""

    def __init__(
        self,
        *,
        batch: int = 3,
        linger: float = 0.001,
        capacity: int = 100,
        at_once: int = 4,
        lot: int = 1,
    ) -> None:
        self.sink = FakeTelemetrySink(batch=batch)
        self.observer = FakeTelemetryObserver()
        self.clock = FakeClock()
        limits = FeedLimits(
            capacity=capacity,
            lot=lot,
            linger=linger,
            most_at_once=at_once,
            most_tries=3,
            first_pause=0.001,
            longest_pause=0.002,
        )
        self.feed: TelemetryFeed[Any] = TelemetryFeed(
            self.sink, observer=self.observer, clock=self.clock, randomness=lambda: 0.5, limits=limits
        )

    def offer(self, first: int, last: int) -> None:
        for number in range(first, last + 1):
            self.feed.offer(number)

    @property
    def settled(self) -> int:
        return self.observer.deliveries["fake"] + self.observer.drops["fake"]

    @property
    def queued(self) -> int:
        figures = self.feed.figures()
        assert figures is not None
        return figures.queued


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - it is the state of others that is waited for
            await asyncio.sleep(0.001)


def numbers(first: int, last: int) -> list[int]:
    return list(range(first, last + 1))


async def test_full_batches_do_not_linger() -> None:
    """With a linger of an hour, what fills batches goes at once; the rest waits for the end."""
    scene = Scene(linger=3600.0)
    scene.feed.start()
    scene.offer(1, 7)
    await until(lambda: scene.observer.deliveries["fake"] == 6)
    assert scene.queued == 1
    await scene.feed.stop(20.0)
    assert scene.sink.batches == [[1, 2, 3], [4, 5, 6], [7]]


async def test_a_batch_that_is_not_full_goes_when_it_has_lingered() -> None:
    """Again and again: an idle feed wakes for one item."""
    scene = Scene()
    scene.feed.start()
    for number in (1, 2):
        scene.feed.offer(number)
        await until(lambda expected=number: scene.observer.deliveries["fake"] == expected)
    assert scene.sink.batches == [[1], [2]]
    await scene.feed.stop(1.0)


async def test_an_outage_keeps_the_order_and_one_send_at_a_time() -> None:
    """Four sends find the peer away; from then on one asks, and what comes meanwhile follows."""
    scene = Scene()
    scene.sink.gate = asyncio.Event()
    scene.sink.answer = lambda items: OUTAGE
    scene.feed.start()
    scene.offer(1, 12)
    await until(lambda: scene.sink.running == 4)
    scene.sink.gate.set()
    await until(lambda: scene.queued == 12 and scene.sink.running == 0)
    scene.sink.gate, scene.sink.most_at_once = None, 0
    scene.offer(13, 20)
    await until(lambda: len(scene.sink.batches) > 10)
    assert (scene.sink.most_at_once, scene.sink.batches[-1]) == (1, [1, 2, 3])
    scene.sink.answer = lambda items: DELIVERED
    await until(lambda: scene.observer.deliveries["fake"] == 20)
    assert scene.sink.taken == numbers(1, 20)
    await scene.feed.stop(1.0)


async def test_an_outage_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """And its end; the endpoint is a field."""
    scene = Scene()
    scene.sink.answer = lambda items: OUTAGE
    with caplog.at_level(logging.INFO, "llm_gateway.telemetry"):
        scene.feed.start()
        scene.offer(1, 3)
        await until(lambda: len(scene.sink.batches) > 3)
        assert (figures := scene.feed.figures()) is not None and figures.reachable is False
        scene.sink.answer = lambda items: DELIVERED
        await until(lambda: scene.settled == 3)
        await scene.feed.stop(1.0)
    assert [line.getMessage() for line in caplog.records] == [
        "telemetry is not delivered, and kept as far as the queue goes: HTTP 503: down",
        "telemetry is delivered again",
    ]
    assert vars(caplog.records[0])["endpoint"] == "http://peer/v1"


async def test_one_outage_among_several_sends_loses_nothing() -> None:
    """Also when nothing further comes that would wake the feed."""
    scene = Scene()
    failures = iter([OUTAGE])
    scene.sink.answer = lambda items: next(failures, DELIVERED) if items[0] == 4 else DELIVERED
    scene.feed.start()
    scene.offer(1, 9)
    await until(lambda: scene.observer.deliveries["fake"] == 9)
    assert sorted(scene.sink.taken) == numbers(1, 9)
    assert scene.observer.drops["fake"] == 0
    await scene.feed.stop(1.0)


async def test_a_lot_goes_batch_by_batch() -> None:
    """Seven at a time and one after the other, so that a small batch does not cost a task and a wake-up."""
    scene = Scene(batch=1, lot=7, linger=3600.0)
    scene.feed.start()
    scene.offer(1, 7)
    await until(lambda: scene.observer.deliveries["fake"] == 7)
    scene.offer(8, 13)
    await scene.feed.stop(20.0)
    assert scene.sink.batches == [[n] for n in numbers(1, 13)]
    assert scene.sink.most_at_once == 1


async def test_an_outage_within_a_lot_returns_only_the_rest() -> None:
    """What was delivered before is not sent again."""
    scene = Scene(batch=1, lot=6)
    failures = iter([OUTAGE, OUTAGE])
    scene.sink.answer = lambda items: next(failures, DELIVERED) if items == [4] else DELIVERED
    scene.feed.start()
    scene.offer(1, 6)
    await until(lambda: scene.observer.deliveries["fake"] == 6)
    assert scene.sink.batches == [[1], [2], [3], [4], [4], [4], [5], [6]]
    assert (scene.queued, scene.observer.drops["fake"]) == (0, 0)
    await scene.feed.stop(1.0)


async def test_what_may_be_poison_is_tried_three_times_while_others_pass() -> None:
    """Then it is dropped, and counted."""
    scene = Scene(batch=1)
    scene.sink.answer = lambda items: BROKEN if items == [2] else DELIVERED
    scene.feed.start()
    scene.offer(1, 5)
    await until(lambda: scene.settled == 5)
    assert scene.sink.batches.count([2]) == 3
    assert scene.sink.taken == [1, 3, 4, 5]
    assert scene.observer.drops["fake"] == 1
    await scene.feed.stop(1.0)


async def test_a_refusal_is_final_and_said_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    """A peer that refuses is there."""
    scene = Scene(batch=1)
    scene.sink.answer = lambda items: REFUSED
    scene.feed.start()
    scene.offer(1, 5)
    await until(lambda: scene.settled == 5)
    scene.clock.advance(60)
    scene.feed.offer(6)
    await until(lambda: scene.settled == 6)
    assert scene.sink.batches == [[n] for n in numbers(1, 6)]
    assert [line.getMessage() for line in caplog.records] == [
        "telemetry is refused, and dropped: HTTP 400: no"
    ] * 2
    assert (figures := scene.feed.figures()) is not None and figures.reachable is True
    await scene.feed.stop(1.0)


async def test_an_overflow_drops_the_oldest() -> None:
    """Offering never waits and never raises, whatever the peer does."""
    scene = Scene(capacity=5)
    scene.sink.gate = asyncio.Event()
    scene.feed.start()
    scene.offer(1, 12)
    assert (scene.observer.drops["fake"], scene.queued) == (7, 5)
    scene.sink.gate.set()
    await until(lambda: scene.observer.deliveries["fake"] == 5)
    assert scene.sink.taken == numbers(8, 12)
    await scene.feed.stop(1.0)


async def test_what_an_outage_returns_counts_for_the_capacity() -> None:
    """The queue has filled up meanwhile: the oldest are those that come back."""
    scene = Scene(capacity=5, linger=3600.0)
    scene.sink.gate = asyncio.Event()
    scene.sink.answer = lambda items: OUTAGE
    scene.feed.start()
    scene.offer(1, 3)
    await until(lambda: scene.sink.running == 1)
    scene.offer(4, 7)
    await until(lambda: scene.sink.running == 2)
    scene.offer(8, 11)
    scene.sink.gate.set()
    await until(lambda: scene.observer.drops["fake"] > 0)
    scene.sink.answer = lambda items: DELIVERED
    await until(lambda: scene.settled >= 9)
    await scene.feed.stop(20.0)
    assert scene.observer.drops["fake"] == 6
    assert scene.sink.taken == numbers(7, 11)


async def test_slow_answers_are_met_with_several_sends() -> None:
    """As many as allowed, and no more."""
    scene = Scene(at_once=4)
    scene.sink.gate = asyncio.Event()
    scene.feed.start()
    scene.offer(1, 30)
    await until(lambda: scene.sink.running == 4)
    scene.sink.gate.set()
    await until(lambda: scene.observer.deliveries["fake"] == 30)
    assert scene.sink.most_at_once == 4
    await scene.feed.stop(1.0)


async def test_the_end_sends_what_there_is() -> None:
    """More than one batch, without lingering; then the sink is closed."""
    scene = Scene(linger=3600.0)
    scene.feed.start()
    scene.offer(1, 2)
    await asyncio.sleep(0)
    scene.offer(3, 8)
    await scene.feed.stop(20.0)
    assert sorted(scene.sink.taken) == numbers(1, 8)
    assert (scene.settled, scene.queued, scene.sink.closed) == (8, 0, True)


async def test_the_end_of_time_counts_what_is_left() -> None:
    """On its way and in the queue alike: every record is either delivered or dropped."""
    scene = Scene(at_once=1)
    scene.sink.gate = asyncio.Event()
    scene.feed.start()
    scene.offer(1, 8)
    await until(lambda: scene.sink.running == 1)
    await scene.feed.stop(0.01)
    assert (scene.observer.deliveries["fake"], scene.observer.drops["fake"]) == (0, 8)
    assert (scene.sink.running, scene.queued, scene.sink.closed) == (0, 0, True)


@pytest.mark.parametrize("started", [True, False])
async def test_a_peer_that_is_away_does_not_hold_up_the_end(started: bool) -> None:
    """One last try; an hour of patience is not used."""
    scene = Scene()
    scene.sink.answer = lambda items: OUTAGE
    if started:
        scene.feed.start()
    scene.offer(1, 8)
    await asyncio.wait_for(scene.feed.stop(3600.0), 20)
    assert scene.observer.drops["fake"] == 8


async def test_a_sink_that_raises_does_not_end_the_feed(caplog: pytest.LogCaptureFixture) -> None:
    """It must not; what it was given is dropped, and counted."""
    scene = Scene(batch=1)

    def fails(items: Sequence[Any]) -> DeliveryAnswer:
        if items == [1]:
            raise RuntimeError("a bug")
        return DELIVERED

    scene.sink.answer = fails
    scene.feed.start()
    scene.offer(1, 2)
    await until(lambda: scene.settled == 2)
    assert (scene.sink.taken, scene.observer.drops["fake"]) == ([2], 1)
    assert "a telemetry sink failed" in caplog.text
    await scene.feed.stop(1.0)


async def test_a_sink_that_cannot_be_closed_does_not_hold_up_the_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What it was sent has been delivered all the same."""
    scene = Scene()

    async def fails() -> None:
        raise OSError("a bug")

    scene.sink.aclose = fails  # type: ignore[method-assign]
    scene.feed.start()
    scene.offer(1, 2)
    await scene.feed.stop(20.0)
    assert scene.sink.taken == [1, 2]
    assert "could not be closed" in caplog.text


async def test_without_an_endpoint_nothing_runs() -> None:
    """No figures either: there is nobody to be told."""
    scene = Scene()
    scene.sink.endpoint = None
    scene.feed.start()
    assert scene.feed.figures() is None
    await scene.feed.stop(1.0)
    assert scene.sink.closed
