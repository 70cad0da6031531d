"""RetryPolicy: the table of outcome classes, row by row."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_gateway.domain.errors import Outcome
from llm_gateway.domain.retry_policy import GiveUp, NextStep, NextTarget, Retry, RetryPolicy, Situation

POLICY = RetryPolicy(jitter="none")
OUTCOMES: list[Outcome] = ["not_sent", "rejected", "refused", "unknown", "partial", "completed", "cancelled"]


def step(outcome: Outcome, policy: RetryPolicy = POLICY, **known: Any) -> NextStep:
    return policy.next_step(Situation(outcome=outcome, **known), randomness=1.0)


@pytest.mark.parametrize("outcome", ["partial", "completed", "cancelled"])
def test_never_another_attempt_once_content_was_delivered(outcome: Outcome) -> None:
    """Neither the same target nor the next, whatever else is known."""
    assert step(outcome, targets_left=3, idempotent=True) == GiveUp(reason=outcome)


def test_not_sent_is_retried_on_the_same_target() -> None:
    """A connect error costs nothing upstream."""
    assert step("not_sent", targets_left=1) == Retry(delay=0.1)


@pytest.mark.parametrize("status", [408, 409, 425, 500, 502, 503, 504])
def test_a_rejection_is_retried_on_the_same_target(status: int) -> None:
    """A status that says that nothing ran."""
    assert step("rejected", status=status, targets_left=1) == Retry(delay=0.1)


@pytest.mark.parametrize("status", [429, 529])
def test_a_target_without_room_is_left_for_the_next(status: int) -> None:
    """Rate limited or overloaded: somebody else first."""
    assert step("rejected", status=status, targets_left=1) == NextTarget()


@pytest.mark.parametrize("status", [429, 529])
def test_a_target_without_room_is_retried_when_it_is_the_last(status: int) -> None:
    """Without another target the wait is all that is left."""
    assert step("rejected", status=status) == Retry(delay=0.1)


def test_a_503_that_says_when_to_come_back_is_left_for_the_next() -> None:
    """It names a time, so it is not now."""
    assert step("rejected", status=503, retry_after=1.0, targets_left=1) == NextTarget()


def test_retry_after_is_waited_out_when_no_target_is_left() -> None:
    """Never less than asked, the backoff on top."""
    assert step("rejected", status=429, retry_after=2.0) == Retry(delay=2.1)


def test_a_retry_after_beyond_the_longest_delay_is_not_waited_for() -> None:
    """The client gets the answer and its Retry-After instead."""
    assert step("rejected", status=429, retry_after=60.0) == GiveUp(reason="retry_after")


@pytest.mark.parametrize("status", [400, 413, 422, 451])
def test_a_client_error_ends_the_request(status: int) -> None:
    """Another target would say the same."""
    assert step("refused", status=status, targets_left=3) == GiveUp(reason="refused")


@pytest.mark.parametrize("status", [401, 403, 404])
def test_the_gateways_own_credential_or_model_moves_on(status: int) -> None:
    """Never the same target again; another has another key."""
    assert step("refused", status=status, targets_left=1) == NextTarget()
    assert step("refused", status=status) == GiveUp(reason="refused")


def test_what_may_have_run_is_not_repeated() -> None:
    """Neither here nor elsewhere: it may be billed."""
    assert step("unknown", targets_left=1) == GiveUp(reason="may_have_run")


def test_what_may_have_run_is_repeated_when_marked_idempotent() -> None:
    """On the same target only."""
    assert step("unknown", idempotent=True, targets_left=1) == Retry(delay=0.1)
    assert step("unknown", idempotent=True, targets_left=1, attempts=3) == GiveUp(reason="attempts")


def test_what_may_have_run_moves_on_only_if_configured() -> None:
    """`unknown: next_target` is the operator's choice."""
    policy = RetryPolicy(unknown="next_target", jitter="none")
    assert step("unknown", policy, targets_left=1) == NextTarget()


def test_a_stream_that_failed_before_its_first_content_moves_on() -> None:
    """Nobody has seen any of it; the same target is not asked twice all the same."""
    assert step("unknown", before_content=True, targets_left=1) == NextTarget()
    assert step("unknown", before_content=True) == GiveUp(reason="may_have_run")


def test_a_client_that_retries_itself_gets_no_second_round_here() -> None:
    """`x-stainless-retry-count` above 0: no same-target retries, but the next target all the same."""
    assert step("rejected", status=500, client_retries=1) == GiveUp(reason="client_retries")
    assert step("rejected", status=500, client_retries=1, targets_left=1) == NextTarget()


def test_attempts_per_target_are_bounded() -> None:
    """The third of three is the last, then the next target."""
    assert step("not_sent", attempts=3) == GiveUp(reason="attempts")
    assert step("not_sent", attempts=3, targets_left=1) == NextTarget()


def test_an_empty_budget_stops_retries_but_not_the_next_target() -> None:
    """A storm is a storm at one upstream."""
    assert step("rejected", status=500, budget_left=False) == GiveUp(reason="budget")
    assert step("rejected", status=500, budget_left=False, targets_left=1) == NextTarget()


def test_no_delay_reaches_past_the_deadline() -> None:
    """A retry that could only time out is not begun."""
    assert step("rejected", status=500, remaining=0.1) == GiveUp(reason="deadline")
    assert step("rejected", status=500, remaining=0.1, targets_left=1) == NextTarget()
    assert step("rejected", status=500, remaining=0.0, targets_left=1) == GiveUp(reason="deadline")


@pytest.mark.parametrize("error", ["breaker_open", "no_probe_left", "cooldown", "bulkhead_full"])
def test_the_gateways_own_refusal_moves_on(error: str) -> None:
    """Asking the health book again at once changes nothing."""
    assert step("not_sent", error=error, targets_left=1) == NextTarget()
    assert step("not_sent", error=error) == GiveUp(reason="retry_after")
    assert step("not_sent", error=error, retry_after=1.0) == Retry(delay=1.1)


def test_backoff_doubles_up_to_the_longest() -> None:
    """0.1, 0.2, 0.4 … 5 seconds, and no overflow at a thousand attempts."""
    delays = [POLICY.backoff(attempts, 1.0) for attempts in (1, 2, 3, 6, 7, 1000)]
    assert delays == pytest.approx([0.1, 0.2, 0.4, 3.2, 5.0, 5.0])


def test_jitter_spreads_as_named() -> None:
    """Full from nothing, equal from half, none not at all."""
    spans = {
        jitter: [RetryPolicy(jitter=jitter, base_delay=1.0).backoff(1, r) for r in (0.0, 0.5, 1.0)]
        for jitter in ("full", "equal", "none")
    }
    assert spans == {"full": [0.0, 0.5, 1.0], "equal": [0.5, 0.75, 1.0], "none": [1.0, 1.0, 1.0]}


@settings(max_examples=200, deadline=None)
@given(
    outcome=st.sampled_from(OUTCOMES),
    status=st.none() | st.sampled_from([400, 401, 404, 429, 500, 503]),
    retry_after=st.none() | st.floats(allow_nan=False, allow_infinity=True),
    attempts=st.integers(1, 5),
    targets_left=st.integers(0, 2),
    remaining=st.none() | st.floats(-1, 100),
    randomness=st.floats(0, 1),
)
def test_a_retry_is_always_within_bounds(randomness: float, **known: Any) -> None:
    """Whatever an upstream sends: delays are finite, honour Retry-After and end before the deadline."""
    decided = RetryPolicy().next_step(Situation(**known), randomness=randomness)
    if isinstance(decided, Retry):
        asked, remaining = known["retry_after"], known["remaining"]
        assert max(asked or 0, 0) <= decided.delay <= 2 * RetryPolicy().max_delay
        assert remaining is None or decided.delay < remaining
        assert known["attempts"] < RetryPolicy().max_attempts
    if isinstance(decided, NextTarget):
        assert known["targets_left"] > 0
