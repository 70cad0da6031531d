"""HealthBook."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from llm_gateway.application.health_book import HealthBook
from llm_gateway.application.permit import Permit
from llm_gateway.domain.circuit_breaker import BreakerPolicy
from llm_gateway.domain.cooldown import CooldownPolicy
from llm_gateway.domain.health_change import HealthChange
from llm_gateway.domain.health_view import UNKNOWN_HEALTH, TargetHealth
from llm_gateway.domain.provider import Model, Provider
from llm_gateway.domain.target import Target
from tests.fakes.clock import FakeClock

POLICY = BreakerPolicy(failure_threshold=2, window=10.0, open_for=5.0, success_threshold=1)
A, B = Target("a", "m1"), Target("a", "m2")
OTHER = Target("b", "m1")


@dataclass(frozen=True, slots=True)
class Listing:
    """What the book reads of a snapshot."""

    providers: Mapping[str, Provider]


def provider(name: str, *models: str, group: str | None = None, limit: int | None = None) -> Provider:
    return Provider(
        id=name,
        type="t",
        dialect="d",
        models=tuple(Model(name=model) for model in models),
        quota_group=group,
        max_concurrent=limit,
    )


def listing(*providers: Provider) -> Listing:
    return Listing({each.id: each for each in providers})


SNAPSHOT = listing(provider("a", "m1", "m2"), provider("b", "m1"))
GROUPED = listing(provider("a", "m1", "m2", group="org"), provider("b", "m1", group="org"))


class Desk:
    """A book with its clock and the changes it told of."""

    def __init__(self, snapshot: Listing = SNAPSHOT, *, capacity: int = 4096) -> None:
        self.clock = FakeClock()
        self.changes: list[tuple[str, str, str]] = []
        self.book = HealthBook(POLICY, self.clock, events=self._note, capacity=capacity)
        self.book.adopt(snapshot)

    def _note(self, change: HealthChange) -> None:
        self.changes.append((change.kind, change.subject, change.after))

    def begin(self, target: Target = A) -> Permit:
        permit = self.book.begin(target)
        assert permit is not None
        return permit

    def fail(self, target: Target = A, times: int = 2) -> None:
        for _ in range(times):
            self.begin(target).finish("not_sent")

    def limit(self, target: Target = A, retry_after: float | None = 10.0) -> None:
        self.begin(target).finish("rejected", status=429, retry_after=retry_after)

    def of(self, target: Target) -> TargetHealth:
        return self.book.view().of(target.id)


def test_a_target_never_called_is_taken_as_healthy() -> None:
    """It has no entry at all."""
    assert Desk().book.view().targets == {}
    assert Desk().of(A) == UNKNOWN_HEALTH


def test_counts_calls_in_flight() -> None:
    """Up with `begin`, down with `finish`."""
    desk = Desk()
    permit = desk.begin()
    assert desk.of(A).in_flight == 1
    permit.finish("completed", ttft_ms=120.0, status=200)
    assert desk.of(A) == TargetHealth(latency_ms=120.0)


def test_the_time_to_first_token_is_known_before_the_end() -> None:
    """A long stream's start counts at once."""
    desk = Desk()
    desk.begin().answered(ttft_ms=80.0)
    assert desk.of(A) == TargetHealth(latency_ms=80.0, in_flight=1)


def test_a_permit_ends_once() -> None:
    """A second `finish` changes nothing."""
    desk = Desk()
    permit = desk.begin()
    for _ in range(3):
        permit.finish("cancelled")
        permit.answered(ttft_ms=5.0)
    assert desk.of(A) == UNKNOWN_HEALTH


def test_an_open_breaker_is_seen_closed_to_calls_and_open_again_by_time_alone() -> None:
    """The view is right at the moment of looking without any call in between."""
    desk = Desk()
    desk.fail()
    assert desk.of(A).reason == "breaker_open"
    assert desk.book.begin(A) is None
    desk.clock.advance(POLICY.open_for)
    assert desk.of(A).available
    assert desk.of(A).breaker == "half_open"


def test_breaker_changes_are_told_in_order() -> None:
    """Also the one that only time brought about."""
    desk = Desk()
    desk.fail()
    desk.clock.advance(POLICY.open_for)
    desk.book.view()
    desk.begin().finish("completed", status=200)
    assert desk.changes == [("breaker", "a/m1", state) for state in ("open", "half_open", "closed")]


def test_one_targets_breaker_leaves_the_others_alone() -> None:
    """Per target, not per provider."""
    desk = Desk()
    desk.fail(A)
    assert desk.book.begin(B) is not None


def test_a_429_cools_every_target_of_the_quota_group() -> None:
    """Also those never called, also at another provider."""
    desk = Desk(GROUPED)
    desk.limit(A)
    for target in (A, B, OTHER):
        assert desk.of(target).reason == "cooldown"
        assert desk.book.begin(target) is None
    assert desk.changes == [("cooldown", "org", "cooling")]


def test_without_a_quota_group_a_429_cools_its_target_alone() -> None:
    """Upstreams limit by model unless configuration says otherwise."""
    desk = Desk()
    desk.limit(A)
    assert desk.of(A).reason == "cooldown"
    assert desk.of(B).available


def test_after_the_cooldown_one_probe_reopens_the_group() -> None:
    """While it is out nobody else goes; once answered everybody does."""
    desk = Desk(GROUPED)
    desk.limit(A)
    desk.clock.advance(10.0)
    probe = desk.begin(B)
    assert [desk.of(target).available for target in (A, B, OTHER)] == [False, False, False]
    probe.answered(ttft_ms=50.0)
    assert [desk.of(target).available for target in (A, B, OTHER)] == [True, True, True]
    assert desk.changes[-1] == ("cooldown", "org", "clear")


def test_a_late_429_closes_a_group_whose_deadline_had_passed() -> None:
    """Everybody in the group sees it, not only the target that was called."""
    desk = Desk(GROUPED)
    late = desk.begin(A)
    desk.limit(B, 1.0)
    desk.clock.advance(1.0)
    assert desk.of(OTHER).available
    late.finish("rejected", status=429, retry_after=5.0)
    assert [desk.of(target).available for target in (A, B, OTHER)] == [False, False, False]


def test_retry_after_counts_down_in_the_view() -> None:
    """At most half a second old."""
    desk = Desk()
    desk.limit(retry_after=10.0)
    desk.clock.advance(4.0)
    assert desk.of(A).retry_after == pytest.approx(6.0)
    desk.clock.advance(0.4)
    assert desk.of(A).retry_after == pytest.approx(6.0)


def test_a_score_recovers_when_the_window_has_passed() -> None:
    """A failure is forgotten by time alone."""
    desk = Desk()
    desk.fail(times=1)
    assert desk.of(A).score == pytest.approx(0.9)
    for _ in range(12):
        desk.clock.advance(1.0)
        desk.book.view()
    assert desk.of(A).score == 1.0


def test_a_full_provider_is_full_for_all_its_targets() -> None:
    """And has room again when a call ends."""
    desk = Desk(listing(provider("a", "m1", "m2", limit=2)))
    desk.begin(B).finish("completed", status=200)
    permits = [desk.begin(A), desk.begin(A)]
    assert desk.of(B).reason == "bulkhead_full"
    assert desk.book.begin(B) is None
    permits[0].finish("completed", status=200)
    assert desk.of(B).available
    assert desk.changes == [("bulkhead", "a", "full"), ("bulkhead", "a", "free")]


def test_only_a_requests_first_attempt_moves_the_round_robin_counter() -> None:
    """Looking does not, nor does a fallback or a refusal."""
    desk = Desk()
    desk.book.begin(A)
    desk.book.begin(B, attempt="further")
    assert desk.book.view().round_robin == desk.book.view().round_robin == 1


def test_a_new_snapshot_keeps_what_is_known_of_surviving_targets() -> None:
    """Open stays open, in flight stays counted; what is gone is gone."""
    desk = Desk()
    desk.fail(A)
    desk.begin(B)
    desk.begin(OTHER)
    desk.book.adopt(listing(provider("a", "m1", "m2", "m3")))
    assert desk.of(A).reason == "breaker_open"
    assert desk.of(B).in_flight == 1
    assert OTHER.id not in desk.book.view().targets


def test_another_account_starts_afresh() -> None:
    """What was learned with the old key says nothing about the new one."""
    desk = Desk()
    permit = desk.begin()
    desk.fail()
    renewed = replace(SNAPSHOT.providers["a"], credential_reference="env:NEW")
    desk.book.adopt(listing(renewed))
    permit.finish("unknown")
    assert desk.of(A) == UNKNOWN_HEALTH


def test_what_a_reload_forgets_is_told_as_well() -> None:
    """No gauge stays at open or cooling for a target that is no more."""
    desk = Desk(listing(provider("a", "m1", "m2"), provider("b", "m1", group="org")))
    desk.fail(A)
    desk.limit(OTHER)
    desk.book.adopt(listing(provider("c", "m1")))
    assert desk.changes[2:] == [("breaker", "a/m1", "closed"), ("cooldown", "org", "clear")]


def test_a_surviving_group_keeps_its_cooldown() -> None:
    """Targets that join it by the reload cool as well."""
    desk = Desk(listing(provider("a", "m1", group="org")))
    desk.limit(A)
    desk.book.adopt(GROUPED)
    assert desk.of(OTHER).reason == "cooldown"


def test_an_endless_retry_after_is_cut_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """Once per provider, however often it sends it."""
    desk = Desk()
    with caplog.at_level(logging.WARNING):
        desk.limit(A, 1e9)
        desk.limit(B, 1e9)
    assert desk.of(A).retry_after == CooldownPolicy().longest
    assert len(caplog.records) == 1


def test_targets_that_clients_made_up_do_not_pile_up() -> None:
    """A provider without a model list takes any name; the oldest idle ones are forgotten."""
    desk = Desk(listing(provider("a")), capacity=16)
    held = desk.begin(Target("a", "held"))
    for number in range(1000):
        desk.begin(Target("a", f"made-up-{number}")).finish("completed", status=200)
    targets = desk.book.view().targets
    assert len(targets) <= 16
    assert "a/held" in targets and "a/made-up-999" in targets
    held.finish("completed", status=200)


def test_configured_targets_are_not_counted_against_the_capacity() -> None:
    """However many a configuration lists, all are remembered."""
    desk = Desk(capacity=1)
    for target in (A, B, OTHER):
        desk.begin(target).finish("completed", status=200)
    assert len(desk.book.view().targets) == 3


def test_a_refusal_is_seen_by_the_next_decision() -> None:
    """Also for a target that nobody had heard of before."""
    desk = Desk(listing(provider("a", limit=1)))
    desk.begin(A)
    made_up = Target("a", "made-up")
    assert desk.book.begin(made_up) is None
    assert desk.of(made_up).reason == "bulkhead_full"


def test_a_second_cooldown_is_told_again() -> None:
    """Each beginning and each end once."""
    desk = Desk()
    for _ in range(2):
        desk.limit(A, 1.0)
        desk.clock.advance(1.0)
        desk.begin(A).finish("completed", status=200)
    assert [after for _, _, after in desk.changes] == ["cooling", "clear"] * 2


def test_a_reload_may_bring_another_breaker_policy() -> None:
    """It holds for targets already known."""
    desk = Desk()
    desk.fail(A, times=1)
    desk.book.adopt(SNAPSHOT, policy=replace(POLICY, failure_threshold=3))
    desk.fail(A, times=1)
    assert desk.of(A).breaker == "closed"
    desk.fail(A, times=1)
    assert desk.of(A).breaker == "open"


def test_inspection_tells_all_that_is_known_of_a_target() -> None:
    """Cooldown in Unix time, the last end, the provider's load."""
    desk = Desk(listing(provider("a", "m1", limit=5)))
    desk.begin()
    desk.limit(A, 10.0)
    status = desk.book.snapshot_of(A.id)
    assert status is not None
    assert status.cooldown_until == pytest.approx(desk.clock.now() + 10.0)
    assert status.health.reason == "cooldown"
    assert (status.last_outcome, status.last_status) == ("rejected", 429)
    assert (status.provider_in_flight, status.provider_limit) == (1, 5)
    assert desk.book.snapshot_of("a/never") is None


class BookMachine(RuleBasedStateMachine):
    """Any order of calls, ends, pauses and reloads: the view always says what `begin` will do."""

    snapshots = (
        listing(provider("a", "m1", "m2", group="org", limit=3), provider("b", "m1", group="org")),
        listing(provider("a", "m1", "m2", limit=2), provider("b", "m1", group="org")),
        listing(provider("a", "m1", "m2", group="org")),
    )

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(self.snapshots[0])
        self.open: list[Permit] = []

    @rule(quarters=st.integers(1, 24))
    def wait(self, quarters: int) -> None:
        self.desk.clock.advance(quarters / 4)

    @rule(whom=st.sampled_from([A, B, OTHER]))
    def begin(self, whom: Target) -> None:
        view = self.desk.book.view()
        known, available = whom.id in view.targets, view.of(whom.id).available
        permit = self.desk.book.begin(whom)
        assert not known or (permit is not None) == available
        if permit is not None:
            self.open.append(permit)

    @precondition(lambda self: self.open)
    @rule(
        which=st.integers(0, 99),
        end=st.sampled_from(
            [
                ("completed", 200),
                ("not_sent", None),
                ("rejected", 429),
                ("rejected", 503),
                ("cancelled", None),
            ]
        ),
        retry_after=st.none() | st.integers(0, 40).map(lambda quarters: quarters / 4),
    )
    def finish(self, which: int, end: tuple[str, int | None], retry_after: float | None) -> None:
        permit = self.open.pop(which % len(self.open))
        permit.finish(end[0], status=end[1], retry_after=retry_after)  # type: ignore[arg-type]

    @precondition(lambda self: self.open)
    @rule(which=st.integers(0, 99))
    def answer(self, which: int) -> None:
        self.open[which % len(self.open)].answered(ttft_ms=10.0)

    @rule(snapshot=st.sampled_from(snapshots))
    def reload(self, snapshot: Listing) -> None:
        self.desk.book.adopt(snapshot)

    @invariant()
    def what_is_not_available_says_why(self) -> None:
        for health in self.desk.book.view().targets.values():
            assert health.available == (health.reason is None)
            assert health.retry_after is None or health.retry_after > 0
            assert 0.0 <= health.score <= 1.0
            assert 0 <= health.in_flight <= len(self.open)

    @invariant()
    def told_breaker_states_are_the_seen_ones(self) -> None:
        targets = self.desk.book.view().targets
        told = {subject: after for kind, subject, after in self.desk.changes if kind == "breaker"}
        for target_id, health in targets.items():
            assert health.breaker == told.get(target_id, "closed")


BookMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestBookMachine = BookMachine.TestCase
