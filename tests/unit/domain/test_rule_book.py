"""Which rules match a request."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_gateway.domain.capability import Capability
from llm_gateway.domain.routing_rule import RoutingRule
from llm_gateway.domain.rule_book import RuleBook
from tests.unit.domain.routing_examples import facts, rule


def matching(rules: list[RoutingRule], model: str = "m", **fields: Any) -> list[str]:
    return [c.rule.name for c in RuleBook(rules).matching((model,), facts(model, **fields))]


def test_an_empty_matcher_matches_everything() -> None:
    """No condition, no doubt."""
    assert matching([rule("all")]) == ["all"]


def test_rules_are_tried_by_priority_then_in_order_until_a_terminal_one() -> None:
    """The terminal rule itself still counts."""
    rules = [
        rule("late", priority=200, terminal=True),
        rule("second", terminal=False),
        rule("third"),
        rule("first", priority=1, terminal=False),
    ]
    assert matching(rules) == ["first", "second", "third"]


def test_a_disabled_rule_never_matches() -> None:
    """It stays in the configuration and out of the way."""
    assert matching([rule("off", enabled=False), rule("on")]) == ["on"]


@pytest.mark.parametrize(
    ("condition", "request_fields", "matches"),
    [
        ({"models": ("gpt-*",)}, {"model": "gpt-4o"}, True),
        ({"models": ("gpt-*", "m")}, {"model": "m"}, True),
        ({"models": ("gpt-*",)}, {"model": "claude"}, False),
        ({"tenants": ("acme",)}, {"tenant": "acme"}, True),
        ({"tenants": ("acme-*",)}, {"tenant": "acme-eu"}, True),
        ({"tenants": ("*",)}, {"tenant": None}, False),
        ({"headers": (("x-tier", "gold*"),)}, {"headers": (("x-tier", "gold2"),)}, True),
        ({"headers": (("X-Tier", "gold"),)}, {"headers": (("x-tier", "gold"),)}, True),
        ({"headers": (("x-tier", "*"),)}, {"headers": ()}, False),
        (
            {"headers": (("a", "1"), ("b", "1"))},
            {"headers": (("a", "1"), ("b", "2"))},
            False,
        ),
        ({"metadata": (("team", "search"),)}, {"metadata": (("team", "search"),)}, True),
        ({"metadata": (("team", "search"),)}, {"metadata": (("team", "ads"),)}, False),
        (
            {"capabilities": frozenset({Capability.VISION})},
            {"capabilities": frozenset({Capability.VISION, Capability.TOOLS})},
            True,
        ),
        ({"capabilities": frozenset({Capability.VISION})}, {}, False),
        ({"min_input_tokens": 10}, {"input_tokens": 10}, True),
        ({"min_input_tokens": 10}, {"input_tokens": 9}, False),
        ({"max_input_tokens": 10}, {"input_tokens": 10}, True),
        ({"max_input_tokens": 10}, {"input_tokens": 11}, False),
        ({"models": ("m",), "tenants": ("acme",)}, {"tenant": "other"}, False),
    ],
)
def test_each_condition(condition: dict[str, Any], request_fields: dict[str, Any], matches: bool) -> None:
    """Every kind of condition, holding and failing."""
    assert (matching([rule("r", **condition)], **request_fields) == ["r"]) is matches


def test_any_name_of_the_model_is_enough() -> None:
    """The client's name and the provider's."""
    book = RuleBook([rule("by-client", models=("fast",), terminal=False), rule("by-model", models=("gpt*",))])
    matched = book.matching(("fast", "gpt-4o"), facts("fast"))
    assert [compiled.rule.name for compiled in matched] == ["by-client", "by-model"]


@given(st.integers(0, 40), st.integers(0, 40))
def test_sizes_of_one_class_match_the_same_rules(one: int, other: int) -> None:
    """What the snapshot's memo relies on."""
    rules = [
        rule("big", min_input_tokens=10, terminal=False),
        rule("small", max_input_tokens=20, terminal=False),
        rule("middle", min_input_tokens=5, max_input_tokens=30, terminal=False),
    ]
    book = RuleBook(rules)
    if book.token_class(one) == book.token_class(other):
        assert matching(rules, input_tokens=one) == matching(rules, input_tokens=other)
    for size in (one, other):
        expected = [
            r.name for r in rules if r.match.min_input_tokens <= size <= (r.match.max_input_tokens or 10**9)
        ]
        assert matching(rules, input_tokens=size) == expected


def test_one_book_answers_for_many_requests() -> None:
    """What was narrowed for one tenant is not taken for another."""
    book = RuleBook([rule("acme", tenants=("acme",)), rule("rest")])
    names = [book.matching(("m",), facts(tenant=t))[0].rule.name for t in ("acme", None, "acme", "x")]
    assert names == ["acme", "rest", "acme", "rest"]
