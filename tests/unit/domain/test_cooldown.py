"""Cooldown."""

from __future__ import annotations

import math

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from llm_gateway.domain.cooldown import Cooldown, CooldownPolicy

POLICY = CooldownPolicy(first=1.0, longest=100.0, probe_patience=2.0)

# Times that floats add up exactly.
QUARTERS = st.integers(0, 80).map(lambda quarters: quarters / 4)


def cooled(retry_after: float | None = 10.0) -> Cooldown:
    """One that got a 429 at time 0."""
    cooldown = Cooldown(POLICY)
    limit(cooldown, 0.0, retry_after)
    return cooldown


def limit(cooldown: Cooldown, now: float, retry_after: float | None) -> bool:
    permit = cooldown.acquire(now)
    assert permit is not None
    return cooldown.limited(permit, now, retry_after)


def test_is_open_to_all_until_the_first_limit() -> None:
    """Nothing is held back while clear."""
    cooldown = Cooldown(POLICY)
    assert cooldown.allows(0.0)
    assert [cooldown.acquire(0.0) for _ in range(3)] == [0, 0, 0]


def test_cools_for_as_long_as_the_upstream_asked() -> None:
    """Retry-After is honoured to the moment."""
    cooldown = cooled(10.0)
    assert cooldown.retry_after(4.0) == pytest.approx(6.0)
    assert cooldown.acquire(9.9) is None
    assert cooldown.acquire(10.0) is not None


def test_the_latest_deadline_wins() -> None:
    """A later 429 that asks for less does not shorten the wait."""
    cooldown = Cooldown(POLICY)
    first, second = cooldown.acquire(0.0), cooldown.acquire(0.0)
    assert first is not None and second is not None
    cooldown.limited(first, 0.0, 30.0)
    cooldown.limited(second, 1.0, 2.0)
    assert cooldown.until == 30.0


def test_one_call_probes_after_the_deadline() -> None:
    """The others wait until the probe is through, then all are let in."""
    cooldown = cooled()
    probe = cooldown.acquire(10.0)
    assert probe is not None
    assert cooldown.acquire(10.0) is None
    cooldown.passed(probe, 10.5)
    assert not cooldown.active
    assert cooldown.acquire(10.5) is not None


def test_a_probe_that_never_returns_does_not_block_for_ever() -> None:
    """After the patience another call probes."""
    cooldown = cooled()
    cooldown.acquire(10.0)
    assert cooldown.retry_after(11.0) == pytest.approx(1.0)
    assert cooldown.acquire(12.0) is not None


def test_a_released_probe_makes_way_for_the_next() -> None:
    """A call that never reached the limiter proves nothing."""
    cooldown = cooled()
    probe = cooldown.acquire(10.0)
    assert probe is not None
    cooldown.release(probe)
    assert cooldown.active
    assert cooldown.acquire(10.0) is not None


def test_an_older_calls_release_frees_no_probe() -> None:
    """A cancellation of a call begun before the 429 is not the probe's end."""
    cooldown = Cooldown(POLICY)
    old = cooldown.acquire(0.0)
    limit(cooldown, 0.0, 10.0)
    cooldown.acquire(10.0)
    assert old is not None
    cooldown.release(old)
    assert cooldown.acquire(10.0) is None


def test_a_probe_that_is_limited_again_is_over() -> None:
    """The next probe goes at the new deadline, not after the patience."""
    cooldown = cooled()
    limit(cooldown, 10.0, 0.5)
    assert cooldown.acquire(10.5) is not None


def test_waits_longer_each_time_when_the_upstream_names_no_time() -> None:
    """1, 2, 4 … seconds, up to the longest."""
    cooldown, now, waits = Cooldown(POLICY), 0.0, []
    for _ in range(9):
        limit(cooldown, now, None)
        waits.append(cooldown.until - now)
        now = cooldown.until
    assert waits == [1, 2, 4, 8, 16, 32, 64, 100, 100]


def test_a_burst_of_limits_is_one_piece_of_news() -> None:
    """Fifty calls under way that all get a 429 do not double the wait fifty times."""
    cooldown = Cooldown(POLICY)
    permits = [cooldown.acquire(0.0) for _ in range(50)]
    for permit in permits:
        assert permit is not None
        cooldown.limited(permit, 0.0, None)
    assert cooldown.until == 1.0


@pytest.mark.parametrize("nonsense", [-5.0, math.nan, -math.inf])
def test_nonsense_counts_as_no_time_named(nonsense: float) -> None:
    """A negative or undefined Retry-After is not followed."""
    assert cooled(nonsense).until == POLICY.first


@pytest.mark.parametrize("endless", [1e9, math.inf])
def test_an_endless_wait_is_cut_and_said_so(endless: float) -> None:
    """Retry-After: 1e9 does not take the quota away for thirty years."""
    cooldown = Cooldown(POLICY)
    assert limit(cooldown, 0.0, endless)
    assert cooldown.until == POLICY.longest


def test_an_older_call_that_was_let_through_ends_nothing() -> None:
    """A stream begun before the 429 says nothing about the quota now."""
    cooldown = Cooldown(POLICY)
    old = cooldown.acquire(0.0)
    assert old is not None
    limit(cooldown, 1.0, 10.0)
    cooldown.passed(old, 20.0)
    assert cooldown.active


def test_a_probe_cannot_end_a_deadline_that_moved_on_meanwhile() -> None:
    """An older call's 429 during the probe outweighs the probe's success."""
    cooldown = Cooldown(POLICY)
    old = cooldown.acquire(0.0)
    limit(cooldown, 0.0, 10.0)
    probe = cooldown.acquire(10.0)
    assert old is not None and probe is not None
    cooldown.limited(old, 10.1, 50.0)
    cooldown.passed(probe, 10.2)
    assert cooldown.cooling(60.0)


class CooldownMachine(RuleBasedStateMachine):
    """Any order of calls, limits and pauses."""

    def __init__(self) -> None:
        super().__init__()
        self.cooldown = Cooldown(POLICY)
        self.now = 0.0
        self.latest = 0.0
        self.out: list[int] = []

    @rule(seconds=QUARTERS)
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def begin(self) -> None:
        allowed = self.cooldown.allows(self.now)
        permit = self.cooldown.acquire(self.now)
        assert (permit is not None) == allowed
        if permit is not None:
            self.out.append(permit)

    @precondition(lambda self: self.out)
    @rule(asked=st.none() | st.integers(0, 800).map(lambda n: n / 4), which=st.integers(0, 99))
    def limited(self, asked: float | None, which: int) -> None:
        bounded = self.cooldown.limited(self.out.pop(which % len(self.out)), self.now, asked)
        assert bounded == (asked is not None and asked > POLICY.longest)
        if asked is not None:
            self.latest = max(self.latest, self.now + min(asked, POLICY.longest))

    @precondition(lambda self: self.out)
    @rule(through=st.booleans(), which=st.integers(0, 99))
    def finish(self, through: bool, which: int) -> None:
        permit = self.out.pop(which % len(self.out))
        if through:
            self.cooldown.passed(permit, self.now)
        else:
            self.cooldown.release(permit)

    @invariant()
    def nobody_goes_before_the_latest_deadline(self) -> None:
        if self.now < self.latest:
            assert not self.cooldown.allows(self.now)

    @invariant()
    def the_wait_is_known_and_bounded(self) -> None:
        wait = self.cooldown.retry_after(self.now)
        assert (wait is None) == self.cooldown.allows(self.now)
        assert wait is None or 0 < wait <= POLICY.longest + POLICY.probe_patience


CooldownMachine.TestCase.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
TestCooldownMachine = CooldownMachine.TestCase
