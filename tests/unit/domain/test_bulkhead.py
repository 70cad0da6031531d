"""Bulkhead."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from llm_gateway.domain.bulkhead import Admit, Bulkhead, Queue, Refuse


def ticket(bulkhead: Bulkhead) -> int:
    arrival = bulkhead.arrive()
    assert isinstance(arrival, Queue)
    return arrival.ticket


def full(limit: int = 1, max_queue: int = 2) -> Bulkhead:
    bulkhead = Bulkhead(limit, max_queue)
    for _ in range(limit):
        assert isinstance(bulkhead.arrive(), Admit)
    return bulkhead


def test_admits_then_queues_then_refuses() -> None:
    """Slots first, the bounded queue next, nothing beyond."""
    bulkhead = full(limit=1, max_queue=1)
    assert isinstance(bulkhead.arrive(), Queue)
    assert isinstance(bulkhead.arrive(), Refuse)


def test_a_freed_slot_goes_to_the_oldest() -> None:
    """First in, first out."""
    bulkhead = full()
    first, second = ticket(bulkhead), ticket(bulkhead)
    assert bulkhead.leave() == [first]
    assert bulkhead.leave() == [second]


def test_a_newcomer_does_not_overtake() -> None:
    """The slot that went to a waiter is taken from that moment on."""
    bulkhead = full()
    ticket(bulkhead)
    bulkhead.leave()
    assert isinstance(bulkhead.arrive(), Queue)


def test_one_that_gives_up_leaves_the_queue() -> None:
    """Its place is free again and its turn is skipped."""
    bulkhead = full(max_queue=2)
    first, second = ticket(bulkhead), ticket(bulkhead)
    assert bulkhead.abandon(first) == []
    assert bulkhead.waiting == 1
    assert bulkhead.leave() == [second]


def test_one_that_gives_up_when_already_admitted_passes_its_slot_on() -> None:
    """No slot is lost between being given and being noticed."""
    bulkhead = full(max_queue=2)
    first, second = ticket(bulkhead), ticket(bulkhead)
    bulkhead.leave()
    assert bulkhead.abandon(first) == [second]
    assert bulkhead.in_flight == 1


def test_more_slots_let_the_waiting_in() -> None:
    """In their order."""
    bulkhead = full()
    waiting = [ticket(bulkhead), ticket(bulkhead)]
    assert bulkhead.resize(3, 2) == waiting


def test_fewer_slots_throw_nobody_out() -> None:
    """The lower limit is met as work ends."""
    bulkhead = full(limit=3)
    waiting = ticket(bulkhead)
    bulkhead.resize(1, 2)
    assert [bulkhead.leave(), bulkhead.leave(), bulkhead.leave()] == [[], [], [waiting]]


class BulkheadMachine(RuleBasedStateMachine):
    """Any order of arrivals, ends, abandonments and reloads, against a plain list."""

    def __init__(self) -> None:
        super().__init__()
        self.limit, self.max_queue = 2, 3
        self.bulkhead = Bulkhead(self.limit, self.max_queue)
        self.at_work = 0
        self.queue: list[int] = []

    def admitted(self, tickets: list[int]) -> None:
        assert tickets == self.queue[: len(tickets)]
        del self.queue[: len(tickets)]
        self.at_work += len(tickets)

    @rule()
    def arrive(self) -> None:
        free, room = self.at_work < self.limit, len(self.queue) < self.max_queue
        match self.bulkhead.arrive():
            case Admit():
                assert free
                self.at_work += 1
            case Queue(ticket):
                assert not free and room
                self.queue.append(ticket)
            case Refuse():
                assert not free and not room

    @precondition(lambda self: self.at_work)
    @rule()
    def leave(self) -> None:
        self.at_work -= 1
        self.admitted(self.bulkhead.leave())

    @precondition(lambda self: self.queue)
    @rule(which=st.integers(0, 99))
    def abandon(self, which: int) -> None:
        assert self.bulkhead.abandon(self.queue.pop(which % len(self.queue))) == []

    @rule(limit=st.integers(1, 4), max_queue=st.integers(0, 4))
    def resize(self, limit: int, max_queue: int) -> None:
        self.limit, self.max_queue = limit, max_queue
        self.admitted(self.bulkhead.resize(limit, max_queue))

    @invariant()
    def counts_agree_and_nobody_waits_beside_a_free_slot(self) -> None:
        assert (self.bulkhead.in_flight, self.bulkhead.waiting) == (self.at_work, len(self.queue))
        assert not self.queue or self.at_work >= self.limit


BulkheadMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestBulkheadMachine = BulkheadMachine.TestCase
