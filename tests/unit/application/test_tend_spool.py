"""TendSpool: what is looked after each second, and what is said of it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from llm_gateway.application.ports.delivery_status import DeliveryFigures, DeliveryStatus
from llm_gateway.application.tend_spool import TendSpool
from tests.fakes.audit_observer import FakeAuditObserver
from tests.fakes.decision_log import FakeDecisionLog


class Waiting(DeliveryStatus):
    def figures(self) -> DeliveryFigures:
        return DeliveryFigures(configured=True, pending=9)


def tending(log: FakeDecisionLog, observer: FakeAuditObserver, *lost: int) -> TendSpool:
    rounds = iter(lost)

    def tend() -> int:
        found = next(rounds)
        if found < 0:
            raise OSError("no such directory")
        return found

    return TendSpool(log=log, tend=tend, spool_bytes=lambda: 4096, delivery=Waiting(), observer=observer)


async def test_what_is_lost_is_counted_once() -> None:
    """By the log and by the metrics, with what the log could not keep itself."""
    log, observer = FakeDecisionLog(), FakeAuditObserver()
    tend = tending(log, observer, 5, 0)
    log.dropped = 2
    await tend()
    await tend()
    assert (log.dropped, observer.drops) == (7, 7)
    assert observer.last_spool == (9, 4096)


async def test_a_spool_that_cannot_be_read_does_not_end_it(caplog: pytest.LogCaptureFixture) -> None:
    """It says so and comes back the next second."""
    tend = tending(FakeDecisionLog(), FakeAuditObserver(), -1)
    task = asyncio.get_running_loop().create_task(tend.follow())
    async with asyncio.timeout(20):
        while "cannot be looked after" not in caplog.text:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    assert not task.done()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
