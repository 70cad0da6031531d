"""Admission."""

from __future__ import annotations

import asyncio

import pytest

from llm_gateway.application.admission import Admission
from llm_gateway.application.configuration import BulkheadSettings
from llm_gateway.domain.errors import Overloaded


def admission(slots: int = 1, queue: int = 2, timeout: float = 60.0) -> Admission:
    return Admission(BulkheadSettings(max_in_flight=slots, max_queue=queue, queue_timeout=timeout))


async def waiting(door: Admission) -> asyncio.Task[None]:
    """A task that stands in the queue."""
    task = asyncio.create_task(door.enter())
    await asyncio.sleep(0)
    return task


async def test_a_free_slot_is_taken_at_once() -> None:
    """Without a turn of the loop."""
    door = admission()
    coroutine = door.enter()
    with pytest.raises(StopIteration):
        coroutine.send(None)
    assert door.in_flight == 1


async def test_a_freed_slot_lets_the_oldest_in() -> None:
    """The second waits on."""
    door = admission()
    await door.enter()
    first, second = await waiting(door), await waiting(door)
    door.leave()
    await first
    assert not second.done()
    door.leave()
    await second


async def test_a_full_queue_is_told_at_once_when_to_come_back() -> None:
    """Overloaded with a Retry-After."""
    door = admission(queue=0, timeout=5.0)
    await door.enter()
    with pytest.raises(Overloaded) as refused:
        await door.enter()
    assert refused.value.retry_after == 5.0
    assert "queue is full" in refused.value.message


async def test_a_wait_is_bounded() -> None:
    """After the queue timeout the place is free again."""
    door = admission(timeout=0.01)
    await door.enter()
    with pytest.raises(Overloaded, match="in time") as refused:
        await door.enter()
    assert refused.value.retry_after == 1.0
    assert (door.in_flight, door.waiting) == (1, 0)


async def test_cancelled_in_the_queue_it_leaves_no_trace() -> None:
    """The next in line gets the slot."""
    door = admission()
    await door.enter()
    gone, stays = await waiting(door), await waiting(door)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    door.leave()
    await stays
    assert (door.in_flight, door.waiting) == (1, 0)


async def test_cancelled_in_the_moment_of_its_turn_it_passes_the_slot_on() -> None:
    """No slot is lost between being given and being noticed."""
    door = admission()
    await door.enter()
    gone, stays = await waiting(door), await waiting(door)
    door.leave()
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    await stays
    assert door.in_flight == 1


async def test_a_slot_is_given_back_when_the_block_fails() -> None:
    """Whatever happened inside."""
    door = admission()
    with pytest.raises(RuntimeError):
        async with door.slot():
            raise RuntimeError
    assert door.in_flight == 0


async def test_a_reload_with_more_slots_lets_the_waiting_in() -> None:
    """Without anybody leaving."""
    door = admission()
    await door.enter()
    task = await waiting(door)
    door.revise(BulkheadSettings(max_in_flight=2))
    await task
    assert door.in_flight == 2
