"""Screening: who may be tried now."""

from __future__ import annotations

import pytest

from llm_gateway.domain.constraint import AvailabilityConstraint, PolicyConstraint
from llm_gateway.domain.errors import InvalidRequest
from llm_gateway.domain.health_view import HealthView, TargetHealth
from llm_gateway.domain.pool import Pool
from llm_gateway.domain.provider import Model
from llm_gateway.domain.request_facts import RoutingHints
from llm_gateway.domain.screening import NO_BUDGETS, Budgets, budgets_of, screen
from tests.unit.domain.routing_examples import facts, pool, target

OPEN = TargetHealth(available=False, reason="open", score=0.2)


def test_when_all_are_available_the_pool_stays_the_same_object() -> None:
    """Nothing is rebuilt for the usual request."""
    members = pool("a", "b")
    assert screen(members, facts(), HealthView(), {}, NO_BUDGETS) == (members, ())


def test_an_unavailable_target_is_out_for_its_reason() -> None:
    """The breaker's word, and a constraint that it failed."""
    left, exclusions = screen(pool("a", "b"), facts(), HealthView(targets={"a/m": OPEN}), {}, NO_BUDGETS)
    assert left.ids == ("b/m",)
    assert [(e.target.id, e.cause, e.reason) for e in exclusions] == [("a/m", "unavailable", "open")]
    assert exclusions[0].constraint == AvailabilityConstraint(
        provider_id="a", health_score=0.0, threshold=0.0
    )


def test_a_denied_target_names_its_policy() -> None:
    """And the reason that the policy engine gave."""
    health = HealthView(denied={"a/m": ("eu-only", "region us")})
    _, exclusions = screen(pool("a", "b"), facts(), health, {}, NO_BUDGETS)
    assert exclusions[0].reason == "denied by eu-only: region us"
    assert exclusions[0].constraint == PolicyConstraint(policy_id="eu-only", effect="deny")


def test_a_target_tried_before_is_out_first_of_all() -> None:
    """Even when it is unavailable by now: that it was tried is why."""
    _, exclusions = screen(
        pool("a"), facts(), HealthView(targets={"a/m": OPEN}), {"a/m": "rejected 503"}, NO_BUDGETS
    )
    assert [(e.cause, e.reason) for e in exclusions] == [("tried", "tried before: rejected 503")]


def test_over_budget_is_out_and_the_budget_itself_is_not() -> None:
    """A budget is the most that may be spent."""
    members = Pool([target("a", model=Model(name="m", input_price="1", output_price="0"))])
    request = facts(input_tokens=1000)
    exact, short = Budgets(cost=10**15), Budgets(cost=10**15 - 1)
    assert screen(members, request, HealthView(), {}, exact)[0].ids == ("a/m",)
    assert screen(members, request, HealthView(), {}, short)[0].ids == ()


def test_what_is_unknown_excludes_nobody() -> None:
    """No price, no latency: nothing to hold against the target."""
    budgets = Budgets(cost=0, latency_ms=0)
    assert screen(pool("a"), facts(input_tokens=9), HealthView(), {}, budgets)[0].ids == ("a/m",)


def test_a_slow_target_is_out() -> None:
    """By the measured latency."""
    health = HealthView(targets={"a/m": TargetHealth(latency_ms=300.0)})
    left, exclusions = screen(pool("a", "b"), facts(), health, {}, Budgets(latency_ms=200))
    assert left.ids == ("b/m",)
    assert exclusions[0].reason == "latency_ms 300 is above 200"


@pytest.mark.parametrize("budget", ["much", "-1", "inf"])
def test_a_budget_that_is_no_amount_is_the_clients_error(budget: str) -> None:
    """Ignoring it would spend what was not allowed."""
    with pytest.raises(InvalidRequest) as refusal:
        budgets_of(RoutingHints(cost_budget=budget))
    assert refusal.value.param == "cost_budget"
