"""CircuitBreaker."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from llm_gateway.domain.circuit_breaker import BreakerPolicy, CircuitBreaker

POLICY = BreakerPolicy(
    failure_threshold=3, failure_ratio=0.5, min_requests=6, window=10.0, open_for=5.0, success_threshold=2
)

# Times that floats add up exactly.
QUARTERS = st.integers(0, 32).map(lambda quarters: quarters / 4)


def permit(breaker: CircuitBreaker, now: float) -> int:
    given = breaker.acquire(now)
    assert given is not None
    return given


def fail(breaker: CircuitBreaker, now: float, times: int = 1) -> None:
    for _ in range(times):
        breaker.failure(permit(breaker, now), now)


def succeed(breaker: CircuitBreaker, now: float, times: int = 1) -> None:
    for _ in range(times):
        breaker.success(permit(breaker, now), now)


def opened(at: float = 0.0) -> CircuitBreaker:
    breaker = CircuitBreaker(POLICY)
    fail(breaker, at, POLICY.failure_threshold)
    return breaker


def test_opens_after_failures_in_a_row() -> None:
    """The threshold's failure opens it, not the one before."""
    breaker = CircuitBreaker(POLICY)
    fail(breaker, 0.0, 2)
    assert breaker.state(0.0) == "closed"
    fail(breaker, 0.0)
    assert breaker.state(0.0) == "open"
    assert breaker.acquire(0.0) is None


def test_a_success_ends_the_row() -> None:
    """Two failures, a success and two failures are not three in a row."""
    breaker = CircuitBreaker(POLICY)
    fail(breaker, 0.0, 2)
    succeed(breaker, 0.0)
    fail(breaker, 0.0, 2)
    assert breaker.state(0.0) == "closed"


def test_opens_on_the_ratio_once_enough_calls_ended() -> None:
    """Half of six calls failing opens it without three in a row."""
    breaker = CircuitBreaker(POLICY)
    for _ in range(3):
        assert breaker.state(0.0) == "closed"
        succeed(breaker, 0.0)
        fail(breaker, 0.0)
    assert breaker.state(0.0) == "open"


def test_failures_days_apart_are_not_a_row() -> None:
    """A quiet window between two failures starts the row anew."""
    breaker = CircuitBreaker(POLICY)
    for day in range(10):
        fail(breaker, day * 86_400.0)
    assert breaker.state(10 * 86_400.0) == "closed"


def test_says_when_it_will_let_a_call_through() -> None:
    """`retry_after` counts down to the half-open state, then there is none."""
    breaker = opened(at=100.0)
    assert breaker.retry_after(102.0) == pytest.approx(3.0)
    assert breaker.retry_after(105.0) is None
    assert breaker.state(105.0) == "half_open"


def test_half_open_lets_only_its_probes_through() -> None:
    """The second call at a time is turned away."""
    breaker = opened()
    assert breaker.acquire(5.0) is not None
    assert breaker.acquire(5.0) is None


def test_closes_after_enough_successful_probes() -> None:
    """One success of two keeps it half-open, the second closes it."""
    breaker = opened()
    succeed(breaker, 5.0)
    assert breaker.state(5.0) == "half_open"
    succeed(breaker, 5.0)
    assert breaker.state(5.0) == "closed"


def test_a_failed_probe_opens_it_for_the_whole_time_again() -> None:
    """One failure in half-open is enough."""
    breaker = opened()
    fail(breaker, 6.0)
    assert breaker.state(10.9) == "open"
    assert breaker.state(11.0) == "half_open"


def test_a_released_probe_counts_neither_way() -> None:
    """A client's error in half-open frees the place and leaves the state."""
    breaker = opened()
    breaker.release(permit(breaker, 5.0))
    assert breaker.state(5.0) == "half_open"
    assert breaker.acquire(5.0) is not None


def test_a_call_begun_before_the_state_changed_is_ignored() -> None:
    """A long stream that ends well does not close a breaker that opened meanwhile."""
    breaker = CircuitBreaker(POLICY)
    old = permit(breaker, 0.0)
    fail(breaker, 1.0, 3)
    assert breaker.state(6.0) == "half_open"
    for _ in range(POLICY.success_threshold):
        breaker.success(old, 6.0)
    breaker.failure(old, 6.0)
    assert breaker.state(6.0) == "half_open"


def test_an_older_calls_release_frees_no_probe() -> None:
    """A cancellation of a call begun while closed is not the probe's end."""
    breaker = CircuitBreaker(POLICY)
    old = permit(breaker, 0.0)
    fail(breaker, 0.0, 3)
    permit(breaker, 5.0)
    breaker.release(old)
    assert breaker.acquire(5.0) is None


def test_an_endless_probe_gives_up_its_place() -> None:
    """After `open_for` another probe may go though the first never came back."""
    breaker = opened()
    permit(breaker, 5.0)
    assert breaker.retry_after(6.0) == pytest.approx(4.0)
    assert breaker.acquire(9.9) is None
    assert breaker.acquire(10.0) is not None


def test_a_success_while_closed_does_not_hide_the_share_of_failures() -> None:
    """One failure among four calls is a sixth: at least `min_requests` calls are counted."""
    breaker = CircuitBreaker(POLICY)
    succeed(breaker, 0.0, 3)
    fail(breaker, 0.0)
    assert breaker.failure_share(0.0) == pytest.approx(1 / 6)


def test_another_policy_keeps_the_state() -> None:
    """A reload does not close an open breaker."""
    breaker = opened()
    breaker.revise(BreakerPolicy(window=60.0))
    assert breaker.state(1.0) == "open"


class BreakerMachine(RuleBasedStateMachine):
    """Any order of calls, ends and pauses."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker = CircuitBreaker(POLICY)
        self.now = 0.0
        self.probes: list[float] = []
        self.out: list[int] = []
        self.opened_at: float | None = None

    @rule(seconds=QUARTERS)
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def begin(self) -> None:
        state, allowed = self.breaker.state(self.now), self.breaker.allows(self.now)
        given = self.breaker.acquire(self.now)
        assert (given is not None) == allowed
        assert given is None or state != "open"
        if given is not None:
            self.out.append(given)
            if state == "half_open":
                self.probes.append(self.now)

    @precondition(lambda self: self.out)
    @rule(end=st.sampled_from(["success", "failure", "release"]), which=st.integers(0, 99))
    def finish(self, end: str, which: int) -> None:
        before = self.breaker.state(self.now)
        given = self.out.pop(which % len(self.out))
        match end:
            case "success":
                self.breaker.success(given, self.now)
            case "failure":
                self.breaker.failure(given, self.now)
            case _:
                self.breaker.release(given)
        after = self.breaker.state(self.now)
        if after != before:
            assert (before, after, end) in {
                ("closed", "open", "failure"),
                ("half_open", "open", "failure"),
                ("half_open", "closed", "success"),
            }
            self.probes.clear()
        if after == "open" and before != "open":
            self.opened_at = self.now

    @invariant()
    def an_open_breaker_stays_open_for_its_time(self) -> None:
        if self.opened_at is not None and self.now < self.opened_at + POLICY.open_for:
            assert self.breaker.state(self.now) == "open"

    @invariant()
    def what_is_closed_to_calls_says_until_when(self) -> None:
        wait = self.breaker.retry_after(self.now)
        assert (wait is None) == self.breaker.allows(self.now)
        assert wait is None or 0 < wait <= POLICY.open_for
        assert self.breaker.closed == (self.breaker.state(self.now) == "closed")


BreakerMachine.TestCase.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
TestBreakerMachine = BreakerMachine.TestCase
