"""Waiting for a provider that is full."""

from __future__ import annotations

import asyncio

from llm_gateway.application.provider_slots import ProviderSlots
from llm_gateway.domain.health_change import HealthChange

FREED = HealthChange(kind="bulkhead", subject="openai", before="full", after="free")
FILLED = HealthChange(kind="bulkhead", subject="openai", before="free", after="full")


async def arrived(slots: ProviderSlots, seconds: float = 30.0) -> asyncio.Task[bool]:
    task = asyncio.create_task(slots.wait(seconds))
    await asyncio.sleep(0)
    return task


async def test_the_one_who_waits_longest_is_woken_first() -> None:
    """One for each provider that has room again."""
    slots = ProviderSlots(lambda: 10)
    first, second = await arrived(slots), await arrived(slots)
    slots(FREED)
    assert await first is True
    assert not second.done() and slots.waiting == 1
    slots(FREED)
    assert await second is True


async def test_nothing_else_wakes_anybody() -> None:
    slots = ProviderSlots(lambda: 10)
    waiting = await arrived(slots)
    slots(FILLED)
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()


async def test_the_queue_is_bounded() -> None:
    slots = ProviderSlots(lambda: 1)
    waiting = await arrived(slots)
    assert await slots.wait(30.0) is False
    waiting.cancel()


async def test_who_has_waited_long_enough_is_told_and_gone() -> None:
    slots = ProviderSlots(lambda: 1)
    assert await slots.wait(0.01) is False
    assert slots.waiting == 0


async def test_a_slot_given_to_who_has_left_goes_to_the_next() -> None:
    """Cancelled in the very moment in which it was woken."""
    slots = ProviderSlots(lambda: 10)
    first, second = await arrived(slots), await arrived(slots)
    slots(FREED)
    first.cancel()
    await asyncio.wait([first])
    assert await second is True
