"""WakeSchedule."""

from __future__ import annotations

import math

from llm_gateway.application.wake_schedule import WakeSchedule


def test_an_empty_schedule_never_wakes() -> None:
    """The earliest time is infinity."""
    assert WakeSchedule().next_at == math.inf


def test_gives_out_what_is_due_and_only_once() -> None:
    """In order of time."""
    schedule = WakeSchedule()
    for name, at in (("c", 3.0), ("a", 1.0), ("b", 2.0)):
        schedule.wake(name, at)
    assert schedule.due(2.0) == ["a", "b"]
    assert schedule.due(2.0) == []
    assert schedule.next_at == 3.0


def test_an_earlier_time_replaces_a_later_one() -> None:
    """The target wakes once."""
    schedule = WakeSchedule()
    schedule.wake("a", 5.0)
    schedule.wake("a", 1.0)
    assert schedule.due(1.0) == ["a"]
    assert schedule.due(9.0) == []


def test_a_deadline_that_moves_out_does_not_grow_it() -> None:
    """A thousand later times are one entry: whoever wakes asks again."""
    schedule = WakeSchedule()
    for at in range(1, 1000):
        schedule.wake("a", float(at))
    assert len(schedule) == 1
    assert schedule.next_at == 1.0
