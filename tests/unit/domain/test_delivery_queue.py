"""DeliveryQueue: order, concurrency, outages, and records that the service cannot take."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from llm_gateway.domain.delivery_answer import DeliveryAnswer, Meaning
from llm_gateway.domain.delivery_queue import Delivery, DeliveryPolicy, DeliveryQueue, Outcome
from llm_gateway.domain.spool_position import SpoolPosition

POLICY = DeliveryPolicy(concurrency=3, window=10, strikes=3, base_delay=1.0, max_delay=8.0)


def queue(records: int, policy: DeliveryPolicy = POLICY) -> DeliveryQueue:
    made = DeliveryQueue(policy)
    for number in range(1, records + 1):
        made.add(b"%d" % number, SpoolPosition(1, number))
    return made


def started(made: DeliveryQueue, now: float = 0.0) -> Delivery:
    entry = made.start(now)
    assert entry is not None
    return entry


def answer(made: DeliveryQueue, entry: Delivery, meaning: Meaning, now: float = 0.0) -> Outcome:
    return made.answered(entry, DeliveryAnswer(meaning=meaning), now, 0.0)


def test_records_start_in_order_up_to_the_limit() -> None:
    """Three at a time, the oldest first."""
    made = queue(5)
    assert [started(made).line for _ in range(3)] == [b"1", b"2", b"3"]
    assert made.start(0.0) is None


def test_only_what_is_settled_without_a_gap_is_settled() -> None:
    """The second may be answered first; the position moves when the first is."""
    made = queue(3)
    first, second = started(made), started(made)
    answer(made, second, "delivered")
    assert made.settled() is None
    answer(made, first, "delivered")
    assert made.settled() == SpoolPosition(1, 2)


def test_a_refused_record_is_a_dead_letter_at_once() -> None:
    """It is settled when it is safe, not before."""
    made = queue(1)
    entry = started(made)
    assert answer(made, entry, "permanent") == "dead_letter"
    assert made.settled() is None
    made.set_aside(entry)
    assert made.settled() == SpoolPosition(1, 1)


def test_a_dead_letter_that_cannot_be_written_is_tried_again() -> None:
    """A full disk must not cost the record."""
    made = queue(1)
    entry = started(made)
    answer(made, entry, "permanent")
    made.keep(entry, 5.0)
    assert made.start(4.0) is None
    assert made.start(5.0) is entry


def test_an_outage_is_probed_with_the_oldest_record_alone() -> None:
    """Nothing else is sent until the probe is answered, and the waits double up to the limit."""
    made = queue(5)
    entries = [started(made) for _ in range(3)]
    for entry in entries:
        assert answer(made, entry, "outage") == "kept"
    waits = []
    now = 0.0
    for _ in range(6):
        at = made.wakes_at()
        assert at is not None and made.start(at - 0.01) is None
        waits.append(at - now)
        probe = started(made, now := at)
        assert probe.line == b"1" and made.start(now) is None
        answer(made, probe, "outage", now)
    assert waits == [0.5, 1.0, 2.0, 4.0, 4.0, 4.0]


def test_after_an_outage_everything_resumes_in_order() -> None:
    """The probe got through: the others follow at once."""
    made = queue(4)
    answer(made, started(made), "outage")
    answer(made, started(made, 10.0), "delivered", 10.0)
    assert not made.outage
    assert [started(made, 10.0).line for _ in range(3)] == [b"2", b"3", b"4"]


def test_what_was_sent_before_the_outage_does_not_lengthen_it() -> None:
    """Eight refused connections are one outage."""
    made = queue(3)
    entries = [started(made) for _ in range(3)]
    for entry in entries:
        answer(made, entry, "outage")
    assert made.wakes_at() == 0.5


def test_retry_after_is_kept_to_within_the_limit() -> None:
    """A service that asks for an hour is asked again sooner."""
    for asked, waits in ((5.0, 5.0), (3600.0, 8.0)):
        made = queue(1)
        made.answered(started(made), DeliveryAnswer(meaning="outage", retry_after=asked), 0.0, 0.0)
        assert made.wakes_at() == waits


def test_an_internal_error_counts_while_others_pass() -> None:
    """Three strikes, each after another record got through; the others are not held up."""
    made = queue(8)
    poison = started(made)
    outcomes = []
    for round in range(3):
        answer(made, started(made, 100.0 * round), "delivered")
        outcomes.append(answer(made, poison, "ambiguous", 100.0 * round))
        if outcomes[-1] == "kept":
            assert not made.outage
            assert made.start(100.0 * (round + 1)) is poison
    assert outcomes == ["kept", "kept", "dead_letter"]


def test_internal_errors_for_everything_are_an_outage() -> None:
    """Whatever happens meanwhile, nothing is given up while nothing passes."""
    made = queue(3)
    now = 0.0
    for _ in range(50):
        at = made.wakes_at()
        assert at is not None
        now = max(now, at)
        assert answer(made, started(made, now), "ambiguous", now) == "kept"
    assert made.outage and len(made) == 3


def test_poison_at_the_head_gives_way_to_others() -> None:
    """With nobody else under way it looks like an outage; the next probe is another record."""
    made = queue(2)
    assert answer(made, started(made), "ambiguous") == "kept"
    poison = made.oldest
    assert made.outage
    probe = started(made, 10.0)
    assert probe.line == b"2"
    answer(made, probe, "delivered", 10.0)
    assert not made.outage and made.start(10.0) is poison


def test_the_window_bounds_what_waits() -> None:
    """Records that got ahead of one that holds out take no room, up to the reach."""
    made = queue(10, DeliveryPolicy(concurrency=3, window=10, reach=11))
    assert made.room == 0
    first, second, third = started(made), started(made), started(made)
    answer(made, second, "delivered")
    answer(made, third, "delivered")
    assert (made.settled(), made.room) == (None, 1)
    answer(made, first, "delivered")
    assert (made.settled(), made.room) == (SpoolPosition(1, 3), 3)


def test_poison_that_holds_up_everything_is_given_up() -> None:
    """All that may be read has passed it, so nothing else can pass any more; it does not wait for that."""
    made = queue(5, DeliveryPolicy(concurrency=2, reach=5, strikes=3))
    poison = started(made)
    for _ in range(4):
        answer(made, started(made), "delivered")
    now, outcome = 0.0, answer(made, poison, "ambiguous")
    while outcome == "kept":
        assert made.room == 0
        now += 100.0
        assert made.start(now) is poison
        outcome = answer(made, poison, "ambiguous", now)
    assert (outcome, poison.strikes) == ("dead_letter", 3)


MEANINGS: list[Meaning] = ["delivered", "delivered", "permanent", "ambiguous", "outage"]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_every_record_is_settled_exactly_once_whatever_happens(data: st.DataObject) -> None:
    """Any answers in any order: positions only move forward, and everything arrives once answers are good."""
    made, now = queue(8), 0.0
    under_way: list[Delivery] = []
    last = SpoolPosition(0, 0)
    finals: list[SpoolPosition] = []
    for step in range(400):
        now += 10.0
        while (entry := made.start(now)) is not None:
            under_way.append(entry)
        assert len(under_way) <= POLICY.concurrency
        if not under_way:
            break
        entry = under_way.pop(data.draw(st.integers(0, len(under_way) - 1)) if step < 40 else 0)
        meaning = data.draw(st.sampled_from(MEANINGS)) if step < 40 else "delivered"
        outcome = answer(made, entry, meaning, now)
        if outcome != "kept":
            finals.append(entry.end)
        if outcome == "dead_letter":
            made.set_aside(entry)
        end = made.settled()
        if end is not None:
            assert end > last
            last = end
    assert sorted(finals) == [SpoolPosition(1, number) for number in range(1, 9)]
    assert last == SpoolPosition(1, 8)
