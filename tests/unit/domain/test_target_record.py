"""TargetRecord: what a call's end says about its target, and how health is put together."""

from __future__ import annotations

import math

import pytest

from llm_gateway.domain.circuit_breaker import BreakerPolicy
from llm_gateway.domain.cooldown import Cooldown, CooldownPolicy
from llm_gateway.domain.errors import Outcome
from llm_gateway.domain.health_view import UNKNOWN_HEALTH
from llm_gateway.domain.provider_load import ProviderLoad
from llm_gateway.domain.target import Target
from llm_gateway.domain.target_record import Evidence, TargetRecord, Tokens, evidence

POLICY = BreakerPolicy(failure_threshold=2, min_requests=10, open_for=5.0)
COOLDOWN = CooldownPolicy(first=1.0)


def record(*, group: Cooldown | None = None, limit: int | None = None) -> TargetRecord:
    return TargetRecord(
        Target("openai", "gpt-4o"),
        ProviderLoad("openai", limit),
        policy=POLICY,
        cooldown=COOLDOWN,
        group=group,
    )


def begun(target: TargetRecord, now: float = 0.0) -> Tokens:
    tokens = target.acquire(now)
    assert tokens is not None
    return tokens


def ended(
    target: TargetRecord,
    outcome: Outcome,
    *,
    now: float = 0.0,
    status: int | None = None,
    retry_after: float | None = None,
) -> None:
    target.settle(begun(target, now), now, outcome, status, retry_after)


@pytest.mark.parametrize(
    ("outcome", "status", "says"),
    [
        ("completed", 200, "success"),
        ("partial", 200, "failure"),
        ("unknown", None, "failure"),
        ("unknown", 101, "failure"),
        ("not_sent", None, "failure"),
        ("rejected", 500, "failure"),
        ("rejected", 503, "failure"),
        ("rejected", 529, "failure"),
        ("rejected", 429, "neutral"),
        ("rejected", 409, "neutral"),
        ("refused", 400, "neutral"),
        ("refused", 422, "neutral"),
        ("refused", 401, "failure"),
        ("refused", 403, "failure"),
        ("refused", 404, "failure"),
        ("cancelled", None, "neutral"),
    ],
)
def test_what_an_end_says_about_the_target(outcome: Outcome, status: int | None, says: Evidence) -> None:
    """A client's error, a cancellation and a quota are not the target's failure."""
    assert evidence(outcome, status) == says


def test_a_new_record_is_as_healthy_as_an_unknown_target() -> None:
    """Nothing known and never heard of are the same."""
    assert record().health(0.0) == UNKNOWN_HEALTH


def test_an_open_breaker_is_the_reason_and_says_until_when() -> None:
    """Score 0 and the time left."""
    target = record()
    ended(target, "not_sent")
    ended(target, "not_sent")
    health = target.health(1.0)
    assert (health.breaker, health.available, health.reason) == ("open", False, "breaker_open")
    assert (health.score, health.retry_after) == (0.0, pytest.approx(4.0))


def test_a_probe_under_way_leaves_no_probe() -> None:
    """Half-open with its probe out is not available."""
    target = record()
    ended(target, "not_sent")
    ended(target, "not_sent")
    assert target.health(5.0).score == 0.5
    begun(target, 5.0)
    assert target.health(5.0).reason == "no_probe_left"


def test_a_429_cools_the_whole_group() -> None:
    """A target of the same group that was never called is held back as well."""
    group = Cooldown(COOLDOWN, "org")
    called, other = record(group=group), record(group=group)
    ended(called, "rejected", status=429, retry_after=7.0)
    assert other.health(1.0).reason == "cooldown"
    assert other.health(1.0).retry_after == pytest.approx(6.0)
    assert other.acquire(1.0) is None


def test_a_503_with_retry_after_cools_its_target_alone() -> None:
    """Another model of the quota group may be fine."""
    group = Cooldown(COOLDOWN, "org")
    called, other = record(group=group), record(group=group)
    ended(called, "rejected", status=503, retry_after=7.0)
    assert called.health(1.0).reason == "cooldown"
    assert other.health(1.0).available


def test_a_rejection_that_names_no_time_cools_nothing() -> None:
    """A 500 is the breaker's business."""
    target = record()
    ended(target, "rejected", status=500)
    assert target.health(0.0).reason is None


def test_a_clients_error_gives_the_probe_back() -> None:
    """The next probe need not wait."""
    target = record()
    ended(target, "not_sent")
    ended(target, "not_sent")
    ended(target, "refused", now=5.0, status=400)
    assert target.health(5.0).available


def test_a_429_of_the_group_gives_the_targets_own_probe_back() -> None:
    """Otherwise the target would wait for a probe that has ended."""
    target = record(group=Cooldown(COOLDOWN, "org"))
    ended(target, "rejected", status=503, retry_after=1.0)
    ended(target, "rejected", now=1.0, status=429, retry_after=0.5)
    assert target.health(1.5).available


def test_the_longest_of_several_waits_is_told() -> None:
    """A target and its group cool for different times."""
    target = record(group=Cooldown(COOLDOWN, "org"))
    first, second = begun(target), begun(target)
    target.settle(first, 0.0, "rejected", 503, 3.0)
    target.settle(second, 0.0, "rejected", 429, 9.0)
    assert target.health(1.0).retry_after == pytest.approx(8.0)


def test_an_answer_that_has_begun_ends_the_cooldown_before_the_stream_ends() -> None:
    """The quota is there as soon as the head is; the breaker still waits for the end."""
    target = record()
    ended(target, "rejected", status=429, retry_after=1.0)
    tokens = begun(target, 1.0)
    assert not target.health(1.0).available
    tokens = target.answered(tokens, 1.0)
    assert target.health(1.0).available
    target.settle(tokens, 2.0, "partial", 200, None)
    assert target.health(2.0).score == pytest.approx(0.9)


def test_a_full_provider_is_not_available_but_not_ill() -> None:
    """The score stays; the reason says bulkhead."""
    target = record(limit=1)
    tokens = begun(target)
    health = target.health(0.0)
    assert (health.reason, health.score, health.in_flight) == ("bulkhead_full", 1.0, 1)
    target.settle(tokens, 0.0, "completed", 200, None)
    assert target.health(0.0).available


def test_a_refused_call_leaves_nothing_behind() -> None:
    """None of the three permits is kept when one is not given."""
    group = Cooldown(COOLDOWN, "org")
    target = record(group=group)
    ended(target, "rejected", status=429, retry_after=1.0)
    target.load.limit = 0
    assert target.acquire(1.0) is None
    target.load.limit = None
    assert target.acquire(1.0) is not None


def test_latency_is_a_moving_average() -> None:
    """The first sample counts whole, each further one a fifth; nonsense not at all."""
    target = record()
    for sample in (100.0, 200.0, -1.0, math.nan, math.inf):
        target.measured(sample)
    assert target.latency_ms == pytest.approx(120.0)


def test_wakes_when_health_changes_by_itself() -> None:
    """Never while healthy; within half a second while a wait is being told."""
    target = record()
    assert target.wake(0.0, target.health(0.0)) is None
    ended(target, "rejected", status=429, retry_after=10.2)
    assert target.wake(0.0, target.health(0.0)) == 0.5
    assert target.wake(10.0, target.health(10.0)) == pytest.approx(10.2)


def test_wakes_to_forget_a_failure() -> None:
    """A score below 1 recovers by time alone."""
    target = record()
    ended(target, "not_sent")
    assert target.wake(0.0, target.health(0.0)) == pytest.approx(POLICY.window / 10)
