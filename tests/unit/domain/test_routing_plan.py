"""What matched rules make of the candidates."""

from __future__ import annotations

from typing import Any

from llm_gateway.domain.provider import Model
from llm_gateway.domain.routing_rule import RoutingRule
from llm_gateway.domain.routing_snapshot import RoutingSnapshot
from tests.unit.domain.routing_examples import decide, excluded, facts, order, provider, rule

PROVIDERS = [
    provider("a", "m", "n", priority=1),
    provider("b", "m", priority=2),
    provider("open", priority=3),
]


def snapshot(*rules: RoutingRule, **fields: Any) -> RoutingSnapshot:
    return RoutingSnapshot.build(providers=PROVIDERS, rules=rules, **fields)


def test_a_rules_providers_are_the_candidates_in_its_order() -> None:
    """The others are left out and say by which rule."""
    decision = decide(snapshot(rule("only-b-open", providers=("open", "b"))))
    assert order(decision) == ["open/m", "b/m"]
    assert excluded(decision) == {"a/m": "rule only-b-open names other providers"}
    assert [c.via for c in decision.candidates] == ["rule:only-b-open", "rule:only-b-open", "model"]
    assert decision.matched_rules == ("only-b-open",)


def test_a_rule_moves_an_explicit_name_too() -> None:
    """The operator's rule is stronger than the client's wish."""
    assert order(decide(snapshot(rule("r", providers=("b",))), facts("a/m"))) == ["b/m"]


def test_a_rules_provider_that_lacks_the_model_is_recorded_and_not_tried() -> None:
    """As a model_support constraint that is not satisfied."""
    decision = decide(snapshot(rule("r", providers=("b", "a"))), facts("n"))
    assert order(decision) == ["a/n"]
    assert [(c.provider_id, c.supported) for c in decision.constraints if c.type == "model_support"] == [
        ("b", False),
        ("a", True),
    ]


def test_a_rule_can_rewrite_the_model() -> None:
    """The rewritten name is resolved like any other."""
    decision = decide(snapshot(rule("r", models=("old-*",), model="n")), facts("old-1"))
    assert order(decision) == ["a/n"]
    assert decision.model_transformed


def test_a_rewritten_model_can_name_its_provider() -> None:
    """Explicit names work in rules."""
    assert order(decide(snapshot(rule("r", model="b/m")), facts("whatever"))) == ["b/m"]


def test_the_first_rule_to_set_something_wins() -> None:
    """Rules that are not terminal add what is still open."""
    decision = decide(
        snapshot(
            rule("one", terminal=False, strategy="least_busy", add_headers=(("X-A", "1"),)),
            rule("two", terminal=False, strategy="priority", providers=("b",)),
            rule("three", providers=("a",), add_headers=(("x-a", "2"), ("x-b", "3"))),
            rule("never"),
        )
    )
    assert decision.matched_rules == ("one", "two", "three")
    assert (decision.strategy, order(decision)) == ("least_busy", ["b/m"])
    assert decision.add_headers == (("X-A", "1"), ("x-b", "3"))


def test_weights_take_effect_by_the_weighted_strategy() -> None:
    """Unless a rule says which strategy; a provider that is not named keeps its own weight."""
    decision = decide(snapshot(rule("w", weights=(("a", 7),))))
    assert decision.strategy == "weighted"
    assert {c.target.id: c.weight for c in decision.candidates} == {"a/m": 7, "b/m": 100}
    assert decide(snapshot(rule("w", weights=(("a", 7),), strategy="priority"))).strategy == "priority"


def test_the_snapshots_strategy_holds_without_a_rule() -> None:
    """And the steps say that no rule matched."""
    decision = decide(snapshot(rule("other", tenants=("acme",)), strategy="round_robin"))
    assert decision.strategy == "round_robin"
    assert decision.steps[1].details == "no rule matched"


def test_only_a_different_model_is_a_transformed_model() -> None:
    """Naming a provider is addressing; an alias is another name."""
    aliased = RoutingSnapshot.build(
        providers=[provider("a", Model(name="m", aliases=("small",)))], aliases={"fast": ("a/m",)}
    )
    transformed = {
        name: decide(aliased, facts(name)).model_transformed
        for name in ("m", "a/m", "small", "a/small", "fast")
    }
    assert transformed == {"m": False, "a/m": False, "small": True, "a/small": True, "fast": True}


def test_a_tenants_rule_leaves_a_tenant_constraint() -> None:
    """With the tenant of this request, also when the plan was made for another one."""
    routing = snapshot(rule("both", tenants=("acme", "beta")))
    for tenant in ("acme", "beta"):
        [constraint] = [c for c in decide(routing, facts(tenant=tenant)).constraints if c.type == "tenant"]
        assert (constraint.tenant_id, constraint.constraint_type) == (tenant, "rule:both")
