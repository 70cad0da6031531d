"""ShipEvents: delivery over fakes, in a real event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import pytest

from llm_gateway.adapters.clock import SystemClock
from llm_gateway.application.ship_events import ShipEvents
from llm_gateway.domain.delivery_answer import DeliveryAnswer
from llm_gateway.domain.delivery_queue import DeliveryPolicy
from llm_gateway.domain.spool_position import SpoolPosition
from tests.fakes.audit_observer import FakeAuditObserver
from tests.fakes.delivery_spool import FakeBacklog, FakeDeliverySpool
from tests.fakes.event_sink import DELIVERED, FakeEventSink

POLICY = DeliveryPolicy(base_delay=0.001, max_delay=0.002, strikes=3)
OUTAGE = DeliveryAnswer(meaning="outage", status=503, text="down")
BROKEN = DeliveryAnswer(meaning="ambiguous", status=500, text="oops")
REFUSED = DeliveryAnswer(meaning="permanent", status=400, text="no")


def lines(first: int, last: int) -> list[bytes]:
    time = "2026-01-02T03:04:05.000Z"
    return [b'{"sequence":%d,"timestamp":"%s"}' % (n, time.encode()) for n in range(first, last + 1)]


class Scene:
    def __init__(self, *, spooled: int = 0) -> None:
        self.backlog = FakeBacklog("worker-0", lines(1, spooled))
        self.spool = FakeDeliverySpool(self.backlog)
        self.sink = FakeEventSink()
        self.observer = FakeAuditObserver()
        self.ship = ShipEvents(
            spool=self.spool,
            sink=self.sink,
            observer=self.observer,
            clock=SystemClock(),
            randomness=lambda: 0.5,
            policy=POLICY,
            look_every=0.01,
        )

    def write(self, first: int, last: int) -> None:
        self.backlog.lines += lines(first, last)
        self.ship.written(last - first + 1)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - it is the state of others that is waited for
            await asyncio.sleep(0.001)


async def test_what_is_spooled_and_what_is_written_meanwhile_is_delivered_in_order() -> None:
    """From the saved position on; then each write wakes the delivery."""
    scene = Scene(spooled=300)
    scene.ship.start()
    scene.write(301, 310)
    await until(lambda: scene.observer.deliveries == 310)
    assert scene.sink.sequences == list(range(1, 311))
    await scene.ship.stop(1.0)
    assert scene.backlog.saved == SpoolPosition(1, 310)
    assert scene.sink.closed


async def test_an_outage_loses_nothing_and_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """One error, one recovery; the records follow in order."""
    scene = Scene(spooled=20)
    scene.sink.answer = lambda line: OUTAGE
    with caplog.at_level(logging.INFO, "llm_gateway.audit"):
        scene.ship.start()
        await until(lambda: scene.sink.calls > 20)
        assert scene.ship.figures().reachable is False
        scene.sink.answer = lambda line: DELIVERED
        await until(lambda: scene.observer.deliveries == 20)
        await scene.ship.stop(1.0)
    assert scene.sink.sequences == list(range(1, 21))
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert "Error: Failed to persist DecisionEvent: HTTP 503: down" in said[0]
    assert "RUVECTOR_SERVICE_URL" in said[0] and "RUVECTOR_API_KEY" in said[0]


async def test_poison_goes_to_the_dead_letters_while_others_pass() -> None:
    """Internal errors only count when another record got through in between."""
    scene = Scene(spooled=30)
    scene.sink.answer = lambda line: BROKEN if b'"sequence":7,' in line else DELIVERED
    scene.ship.start()
    for number in range(31, 61):
        scene.write(number, number)
        await asyncio.sleep(0.005)
    await until(lambda: scene.ship.figures().pending == 0)
    await scene.ship.stop(1.0)
    assert sorted(scene.sink.sequences) == [n for n in range(1, 61) if n != 7]
    assert [answer for _, answer in scene.backlog.letters] == [BROKEN]
    assert scene.backlog.saved == SpoolPosition(1, 60)


async def test_a_refused_record_that_cannot_be_put_aside_is_kept() -> None:
    """A full disk: it is settled only when it is safe somewhere."""
    scene = Scene(spooled=3)
    scene.backlog.full = True
    scene.sink.answer = lambda line: REFUSED if b'"sequence":1,' in line else DELIVERED
    scene.ship.start()
    await until(lambda: scene.observer.deliveries == 2)
    assert scene.ship.figures().pending == 1
    assert scene.backlog.saved < SpoolPosition(1, 1)
    scene.backlog.full = False
    await until(lambda: scene.observer.dead_letters == 1)
    await scene.ship.stop(1.0)


async def test_logs_of_dead_workers_are_delivered_and_given_back() -> None:
    """Each in its own order."""
    scene = Scene()
    scene.spool.orphans = [FakeBacklog("worker-3", lines(1, 50))]
    scene.ship.start()
    await until(lambda: scene.spool.released == ["worker-3"])
    assert scene.sink.sequences == list(range(1, 51))
    await scene.ship.stop(1.0)


async def test_a_bug_does_not_end_delivery(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged; another lane goes on from the saved position, so records may come again, never less."""
    scene = Scene(spooled=20)
    bugs = iter([RuntimeError("bug")])

    def answer(line: bytes) -> DeliveryAnswer:
        if b'"sequence":9,' in line and (bug := next(bugs, None)):
            raise bug
        return DELIVERED

    scene.sink.answer = answer
    scene.ship.start()
    await until(lambda: set(scene.sink.sequences) == set(range(1, 21)))
    await scene.ship.stop(20.0)
    assert "delivery of worker-0 has failed" in caplog.text


async def test_stopping_delivers_what_there_is() -> None:
    """As long as the service takes it."""
    scene = Scene(spooled=500)
    scene.ship.start()
    await scene.ship.stop(20.0)
    assert scene.observer.deliveries == 500
    assert scene.backlog.saved == SpoolPosition(1, 500)


async def test_stopping_in_an_outage_does_not_wait() -> None:
    """The rest stays in the spool."""
    scene = Scene(spooled=5)
    scene.sink.answer = lambda line: OUTAGE
    scene.ship.start()
    await until(lambda: scene.ship.figures().reachable is False)
    async with asyncio.timeout(20):
        await scene.ship.stop(3600.0)
    assert scene.ship.figures().pending == 0  # its lanes are gone
    assert scene.backlog.saved < SpoolPosition(1, 1)


async def test_the_figures_say_how_much_waits_and_since_when() -> None:
    """The oldest record's own time."""
    scene = Scene(spooled=5)
    scene.sink.answer = lambda line: OUTAGE
    scene.ship.start()
    await until(lambda: scene.ship.figures().oldest_pending is not None)
    figures = scene.ship.figures()
    assert (figures.configured, figures.pending, figures.last_success) == (True, 5, None)
    assert figures.oldest_pending == 1767323045.0
    await scene.ship.stop(0.1)


async def test_without_a_service_nothing_happens() -> None:
    """The spool itself is the store."""
    scene = Scene(spooled=5)
    scene.sink.url = None
    scene.ship.start()
    scene.write(6, 6)
    await asyncio.sleep(0.01)
    assert scene.sink.calls == 0
    assert not scene.ship.figures().configured
    await scene.ship.stop(1.0)
