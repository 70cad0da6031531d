"""RetryBudget."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from llm_gateway.domain.retry_budget import RetryBudget


def test_a_quiet_gateway_may_retry_up_to_the_floor() -> None:
    """Without any request there is the floor and no more."""
    budget = RetryBudget(0.2, floor=2)
    assert [budget.spend(0.0) for _ in range(4)] == [True, True, False, False]


def test_requests_earn_retries() -> None:
    """A hundred requests at a fifth are twenty retries."""
    budget = RetryBudget(0.2, floor=0)
    for _ in range(100):
        budget.request(0.0)
    assert sum(budget.spend(0.0) for _ in range(50)) == 20


def test_nothing_is_saved_up() -> None:
    """What yesterday's requests earned is gone after the window."""
    budget = RetryBudget(1.0, window=10.0, floor=0)
    budget.request(0.0)
    assert budget.left(5.0)
    assert not budget.left(20.0)


def test_spent_retries_come_back_after_the_window() -> None:
    """The floor is per window."""
    budget = RetryBudget(0.0, window=10.0, floor=1)
    assert budget.spend(0.0)
    assert not budget.left(5.0)
    assert budget.left(10.0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 8), st.booleans()), max_size=80), st.sampled_from([0.0, 0.25, 1.0]))
def test_retries_never_exceed_floor_and_share(steps: list[tuple[int, bool]], ratio: float) -> None:
    """In any window, retries are at most the floor plus the share of the requests in it."""
    budget, now, requests, retries = RetryBudget(ratio, window=10.0, floor=3), 0.0, [], []
    for quarters, is_request in steps:
        now += quarters / 4
        if is_request:
            budget.request(now)
            requests.append(now)
        elif budget.spend(now):
            retries.append(now)
            last = len([at for at in retries if at > now - 9.0])
            assert last <= 3 + ratio * len([at for at in requests if at >= now - 10.0])
