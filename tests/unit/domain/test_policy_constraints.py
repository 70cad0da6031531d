"""No `policy` constraint without an evaluation, and none left out."""

from __future__ import annotations

from dataclasses import replace

from llm_gateway.domain.constraint import PolicyConstraint
from llm_gateway.domain.decision import Decision
from llm_gateway.domain.health_view import HealthView
from llm_gateway.domain.router import Router
from llm_gateway.domain.routing_snapshot import RoutingSnapshot
from tests.samples.routing_cases import RoutingCase, cases
from tests.unit.domain.routing_examples import decide, provider

ALLOW = PolicyConstraint(policy_id="engine", effect="allow")


def decided(case: RoutingCase, health: HealthView) -> Decision:
    return Router().decide(case.inputs.facts, case.snapshot, health, after=case.inputs.after)


def policies(decision: Decision) -> set[PolicyConstraint]:
    """Without those that say that a wish of the caller was honoured."""
    found = {item for item in decision.constraints if isinstance(item, PolicyConstraint)}
    return {item for item in found if not item.policy_id.startswith("hint:")}


def test_every_policy_constraint_was_a_verdict_on_a_candidate() -> None:
    """1,000 generated cases, about half of them with verdicts on most of the targets."""
    with_verdicts = 0
    for case in cases(seed=11, count=1000):
        health = case.inputs.health
        decision = decided(case, health)
        ids = [candidate.target.id for candidate in decision.candidates]
        judged = {each for target in ids for each in (health.passed or {}).get(target, ())}
        denied = {health.denied[target][0] for target in ids if target in health.denied}
        judged |= {PolicyConstraint(policy_id=policy, effect="deny") for policy in denied}
        assert policies(decision) <= judged
        with_verdicts += bool(policies(decision))
    assert with_verdicts > 200


def test_without_verdicts_there_is_none() -> None:
    """Whatever else the decision depends on."""
    for case in cases(seed=12, count=300):
        assert policies(decided(case, replace(case.inputs.health, denied={}, passed=None))) == set()


def test_verdicts_that_take_nothing_away_change_nothing_but_the_constraints() -> None:
    """Where everybody may go, a request goes where it went before."""
    for case in cases(seed=13, count=300):
        before = decided(case, replace(case.inputs.health, passed=None))
        after = decided(case, replace(case.inputs.health, passed={"openai/gpt-4o": (ALLOW,)}))
        assert (before.selected, before.fallback) == (after.selected, after.fallback)
        assert before.candidates == after.candidates


def test_an_allow_of_one_target_and_a_denial_of_another_stand_together() -> None:
    """The denied one is out with its reason; the other is selected."""
    snapshot = RoutingSnapshot.build(providers=[provider("a", "m"), provider("b", "m")])
    health = HealthView(denied={"a/m": ("engine:eu", "region")}, passed={"b/m": (ALLOW,)})
    decision = decide(snapshot, health=health)
    assert decision.selected is not None and decision.selected.id == "b/m"
    assert policies(decision) == {ALLOW, PolicyConstraint(policy_id="engine:eu", effect="deny")}
