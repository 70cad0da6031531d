"""RouteRequest: five shapes in, one meaning out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_gateway.application.route_facts import route_facts
from llm_gateway.application.route_request import read_route_request
from llm_gateway.domain.capability import Capability
from llm_gateway.domain.errors import InvalidRequest
from llm_gateway.domain.facts_document import facts_text, inputs_hash
from llm_gateway.domain.provider import Provider
from llm_gateway.domain.request_facts import NO_HINTS, RoutingHints
from llm_gateway.domain.routing_rule import RoutingRule, RuleAction, RuleMatch
from llm_gateway.domain.routing_snapshot import RoutingSnapshot

RULE = RoutingRule(
    name="gold",
    match=RuleMatch(headers=(("x-tier", "gold"),), metadata=(("team", "*"),)),
    action=RuleAction(providers=("openai",)),
)
SNAPSHOT = RoutingSnapshot.build(
    providers=[Provider(id="openai", type="openai", dialect="openai.chat")],
    rules=[RULE],
    affinity=("header:x-session-id", "metadata:session"),
)

TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)


def hashed(document: dict[str, Any], **headers: str) -> str:
    asked = read_route_request(document)
    seen = {**headers, **dict(asked.headers)}
    return inputs_hash(facts_text(route_facts(asked, SNAPSHOT, tenant=asked.tenant, headers=seen)))


def refused(document: dict[str, Any]) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        read_route_request(document)
    return caught.value


@settings(max_examples=60, deadline=None)
@given(
    model=TEXT,
    tenant=st.none() | TEXT,
    fallback=st.none() | st.booleans(),
    priority=st.none() | TEXT,
    ids=st.tuples(st.from_regex("[!-~]{1,20}", fullmatch=True), st.from_regex("[!-~]{1,20}", fullmatch=True)),
)
def test_shapes_that_say_the_same_hash_the_same(
    model: str, tenant: str | None, fallback: bool | None, priority: str | None, ids: tuple[str, str]
) -> None:
    """The contract's form, verify.sh's and the command line's; the request's id makes no difference."""
    contract = {
        "request_id": ids[0],
        "model_requested": model,
        "tenant_id": tenant,
        "fallback_enabled": fallback,
        "priority": priority,
    }
    verify = {
        "model": model,
        "request_id": ids[1],
        "tenant_id": tenant,
        "fallback_enabled": fallback,
        "priority": priority,
    }
    line = {"model": model, "tenant": tenant, "fallback": fallback, "priority": priority, "dry_run": True}
    assert hashed(contract) == hashed(verify) == hashed(line)


@settings(max_examples=60, deadline=None)
@given(models=st.tuples(TEXT, TEXT), fallbacks=st.tuples(st.booleans(), st.booleans()))
def test_requests_that_differ_hash_differently(models: tuple[str, str], fallbacks: tuple[bool, bool]) -> None:
    """Nothing that routing looks at is lost on the way."""
    one, other = (
        hashed({"model": model, "fallback": fallback})
        for model, fallback in zip(models, fallbacks, strict=True)
    )
    assert (one == other) == (models[0] == models[1] and fallbacks[0] == fallbacks[1])


def test_the_contract_form_in_full() -> None:
    """Every wish arrives, each in its one form."""
    asked = read_route_request(
        {
            "request_id": "r-1",
            "model_requested": "gpt-4o",
            "headers": {"X-Tier": "gold"},
            "provider_constraints": {"preferred_providers": ["a"], "excluded_providers": ["b"]},
            "required_capabilities": ["tools", "vision"],
            "max_latency_ms": 500,
            "cost_budget": 0.10,
            "priority": 3,
        }
    )
    assert asked.hints == RoutingHints(
        preferred_providers=("a",),
        excluded_providers=("b",),
        max_latency_ms=500,
        cost_budget="0.1",
        priority="3",
    )
    assert asked.capabilities == {Capability.TOOLS, Capability.VISION}
    assert (asked.headers, asked.request_id) == ((("x-tier", "gold"),), "r-1")


def test_the_chat_form() -> None:
    """Its facts are taken from the chat request; the hints stand beside it."""
    hints = {"preferred_providers": ["a"], "max_latency_tier": 2, "optimize_cost": True}
    asked = read_route_request({"request": {"model": "gpt-4o", "messages": []}, "hints": hints})
    assert (asked.model, asked.has_chat) == ("gpt-4o", True)
    assert asked.hints == RoutingHints(preferred_providers=("a",), max_latency_tier=2, optimize_cost=True)


@pytest.mark.parametrize("amount", [0.1, "0.1", "0.10", "1e-1"])
def test_amounts_have_one_form(amount: float | str) -> None:
    """So that equal budgets hash equal."""
    asked = read_route_request({"request_id": "r", "model_requested": "m", "cost_budget": amount})
    assert asked.hints.cost_budget == "0.1"


def test_saying_nothing_and_wishing_nothing_is_the_same() -> None:
    """null and an empty object are no hints."""
    assert read_route_request({"request": {"model": "m"}, "hints": {}}).hints is NO_HINTS
    assert read_route_request({"model": "m", "fallback": None}).hints is NO_HINTS


def test_only_what_a_rule_looks_at_becomes_a_fact() -> None:
    """Of the context and the headers; the affinity's values only as a digest."""
    asked = read_route_request(
        {"model": "m", "context": {"team": "red", "secret": "s3cret", "session": "s1"}}
    )
    facts = route_facts(
        asked, SNAPSHOT, tenant=None, headers={"x-tier": "gold", "x-session-id": "s2", "cookie": "c"}
    )
    assert (facts.headers, facts.metadata) == ((("x-tier", "gold"),), (("team", "red"),))
    assert facts.affinity_key is not None
    assert not {"s1", "s2", "s3cret", "c"} & {value for _, value in (*facts.headers, *facts.metadata)}
    assert "s2" not in facts.affinity_key


@pytest.mark.parametrize(
    ("document", "param", "said"),
    [
        ({}, "model", "missing required field: model or model_requested or request"),
        ({"tenant_id": "t", "hints": {}}, "request", "missing required field: request"),
        (
            {"request_id": "r", "max_latency_ms": 5},
            "model_requested",
            "missing required field: model_requested",
        ),
        ({"tenant": "t"}, "model", "missing required field: model"),
        ({"model_requested": "m"}, "request_id", "missing required field: request_id"),
        ({"request": {}}, "request.model", "missing required field: request.model"),
        ({"model": "m", "model_requested": "m"}, "model", "different request shapes"),
        ({"model": "m", "hints": {}}, "hints", "missing required field: request"),
        ({"model": "m", "cost_budget": 1}, "cost_budget", "missing required field: model_requested"),
        ({"model": "m", "falback": True}, "falback", "unknown field falback"),
        ({"model": "m", "tenant": "a", "tenant_id": "b"}, "tenant_id", "different things"),
        ({"model": "m", "dry_run": "yes"}, "dry_run", "expected true or false"),
        ({"model": ""}, "model", "1 to 256 characters"),
        ({"model": 7}, "model", "expected text"),
        ({"model": "m", "request_id": "two words"}, "request_id", "printable ASCII"),
        ({"model": "m", "context": []}, "context", "expected an object"),
        ({"request": []}, "request", "expected an object"),
        ({"request": {"model": "m"}, "hints": {"x": 1}}, "hints.x", "unknown field hints.x"),
        (
            {"request_id": "r", "model_requested": "m", "required_capabilities": ["telepathy"]},
            "required_capabilities[0]",
            "expected one of",
        ),
        ({"request_id": "r", "model_requested": "m", "cost_budget": "much"}, "cost_budget", "US dollars"),
        ({"request_id": "r", "model_requested": "m", "cost_budget": -1}, "cost_budget", "US dollars"),
        (
            {"request_id": "r", "model_requested": "m", "max_latency_ms": 1.5},
            "max_latency_ms",
            "whole number",
        ),
        ({"request_id": "r", "model_requested": "m", "headers": {"a": 1}}, "headers.a", "expected text"),
    ],
)
def test_what_is_wrong_is_named(document: dict[str, Any], param: str, said: str) -> None:
    """Missing, too much, or of the wrong type: each with its path."""
    error = refused(document)
    assert said in error.message
    assert error.param == param
