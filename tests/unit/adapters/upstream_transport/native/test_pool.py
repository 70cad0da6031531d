"""The pool's bookkeeping, without a socket."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from llm_gateway.adapters.upstream_transport.native.pool import Pool


@dataclass(eq=False)
class Conn:
    closed: bool = False
    retire_at: float = math.inf
    idle_until: float = math.inf

    def abort(self) -> None:
        self.closed = True


def open_one(pool: Pool[Conn], **times: float) -> Conn:
    assert pool.reserve()
    return Conn(**times)


def test_idle_connections_are_used_last_in_first_out() -> None:
    """The rest stay cold and age out."""
    pool: Pool[Conn] = Pool(2)
    first, second = open_one(pool), open_one(pool)
    pool.give(first, 0.0)
    pool.give(second, 0.0)
    assert pool.take(0.0) is second
    assert pool.take(0.0) is first
    assert pool.take(0.0) is None


def test_there_are_no_more_slots_than_the_limit() -> None:
    """A slot is held from the decision to connect until the connection is gone."""
    pool: Pool[Conn] = Pool(1)
    connection = open_one(pool)
    assert not pool.reserve()
    pool.gone(connection)
    assert pool.reserve()


def test_one_that_was_idle_for_too_long_is_closed_instead_of_used() -> None:
    """`idle_until` and `retire_at` are looked at on use."""
    pool: Pool[Conn] = Pool(2)
    idle, old = open_one(pool, idle_until=10.0), open_one(pool, retire_at=10.0)
    pool.give(idle, 0.0)
    pool.give(old, 0.0)
    assert pool.take(10.0) is None
    assert idle.closed
    assert old.closed


def test_an_old_one_is_not_taken_back() -> None:
    """Age ends a connection between exchanges, never within one."""
    pool: Pool[Conn] = Pool(1)
    connection = open_one(pool, retire_at=10.0)
    pool.give(connection, 11.0)
    assert connection.closed
    assert pool.idle == 0


def test_eviction_closes_the_stale_and_keeps_the_rest() -> None:
    """The sweeper's part."""
    pool: Pool[Conn] = Pool(2)
    stale, good = open_one(pool, idle_until=1.0), open_one(pool, idle_until=9.0)
    pool.give(stale, 0.0)
    pool.give(good, 0.0)
    pool.evict(5.0)
    assert (stale.closed, good.closed, pool.idle) == (True, False, 1)


async def test_who_waits_is_served_in_order() -> None:
    """A returned connection goes to the first in the queue, a freed slot to the next."""
    pool: Pool[Conn] = Pool(2)
    one, two = open_one(pool), open_one(pool)
    turns = [asyncio.get_running_loop().create_future() for _ in range(3)]
    for turn in turns:
        pool.queue(turn)
    pool.give(one, 0.0)
    pool.gone(two)
    assert [turn.done() for turn in turns] == [True, True, False]
    assert turns[0].result() is one
    assert turns[1].result() is None
    assert pool.taken == 2


async def test_who_gave_up_waiting_is_passed_over() -> None:
    """A cancelled turn does not swallow a connection."""
    pool: Pool[Conn] = Pool(1)
    connection = open_one(pool)
    gone, here = (asyncio.get_running_loop().create_future() for _ in range(2))
    pool.queue(gone)
    pool.queue(here)
    gone.cancel()
    pool.give(connection, 0.0)
    assert here.result() is connection


async def test_closing_turns_away_who_waits() -> None:
    """Nobody is left waiting for a pool that is gone."""
    pool: Pool[Conn] = Pool(1)
    open_one(pool)
    turn = asyncio.get_running_loop().create_future()
    pool.queue(turn)
    pool.close(RuntimeError("closed"))
    assert isinstance(turn.exception(), RuntimeError)


class PoolMachine(RuleBasedStateMachine):
    """Slots are conserved whatever happens in whatever order, and nobody is served out of turn."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.pool: Pool[Conn] = Pool(3)
        self.now = 0.0
        self.made: list[Conn] = []
        self.in_use: list[Conn] = []
        self.queue: list[asyncio.Future[Conn | None]] = []

    def teardown(self) -> None:
        self.loop.close()

    @rule()
    def acquire(self) -> None:
        connection = self.pool.take(self.now)
        if connection is None and not self.pool.reserve():
            self.queue.append(self.loop.create_future())
            self.pool.queue(self.queue[-1])
        else:
            self._use(connection)

    @rule(at=st.integers(0, 9))
    def give(self, at: int) -> None:
        if self.in_use:
            connection = self.in_use.pop(at % len(self.in_use))
            connection.idle_until = self.now + 2.0
            self.pool.give(connection, self.now)
            self._serve()

    @rule(at=st.integers(0, 9))
    def close_any(self, at: int) -> None:
        if self.made:
            self.made[at % len(self.made)].abort()

    @rule()
    def notice_closed(self) -> None:
        for connection in [c for c in self.made if c.closed]:
            self.made.remove(connection)
            if connection in self.in_use:
                self.in_use.remove(connection)
            self.pool.gone(connection)
        self._serve()

    @rule(at=st.integers(0, 9))
    def give_up_waiting(self, at: int) -> None:
        if self.queue:
            self.queue.pop(at % len(self.queue)).cancel()

    @rule()
    def time_passes(self) -> None:
        self.now += 1.0
        self.pool.evict(self.now)

    @invariant()
    def slots_are_conserved(self) -> None:
        assert self.pool.taken == len(self.made) <= 3
        assert self.pool.idle + len(self.in_use) <= len(self.made)
        assert self.pool.waiting == len(self.queue)
        assert not self.queue or self.pool.taken == 3

    def _use(self, connection: Conn | None) -> None:
        if connection is None:
            connection = Conn()
            self.made.append(connection)
        assert connection not in self.in_use
        self.in_use.append(connection)

    def _serve(self) -> None:
        served = [turn for turn in self.queue if turn.done()]
        assert served == self.queue[: len(served)]
        del self.queue[: len(served)]
        for turn in served:
            self._use(turn.result())


PoolMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
test_slots_are_conserved = PoolMachine.TestCase
