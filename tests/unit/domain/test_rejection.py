"""Which error a request without a target gets."""

from __future__ import annotations

from typing import Any

import pytest

from llm_gateway.domain.capability import Capability
from llm_gateway.domain.decision import Decision, Rejection
from llm_gateway.domain.health_view import HealthView, TargetHealth
from llm_gateway.domain.provider import Model
from llm_gateway.domain.routing_snapshot import RoutingSnapshot
from tests.unit.domain.routing_examples import decide, facts, provider, rule

ROUTING = RoutingSnapshot.build(
    providers=[
        provider("a", Model(name="m", context_window=100), unsupported_parameters=frozenset({"seed"})),
        provider("b", Model(name="m", context_window=200), unsupported_parameters=frozenset({"seed", "n"})),
    ]
)
OPEN = TargetHealth(available=False, reason="open", retry_after=9.0)


def cooling(seconds: float) -> TargetHealth:
    return TargetHealth(available=False, reason="cooldown", retry_after=seconds)


def rejection(decision: Decision) -> Rejection:
    assert decision.decision_type == "route_reject"
    assert decision.selected is None
    assert decision.rejection is not None
    return decision.rejection


def rejected(health: dict[str, TargetHealth] | None = None, **fields: Any) -> Rejection:
    return rejection(decide(ROUTING, facts(**fields), HealthView(targets=health or {})))


@pytest.mark.parametrize("model", ["nope", "a/nope", "nobody/m", ""])
def test_a_model_that_nobody_serves_is_not_found(model: str) -> None:
    """404; the client's `model` is to blame."""
    found = rejected(model=model)
    assert (found.code, found.param) == ("model_not_found", "model")
    assert f"`{model}`" in found.message


def test_without_any_provider_the_model_is_not_to_blame() -> None:
    """503 as long as nothing is configured: the same request will do once something is."""
    found = rejection(decide(RoutingSnapshot.build(providers=[]), facts(model="nope")))
    assert found.code == "no_healthy_providers"
    assert found.message == "NoHealthyProviders: no provider is configured"


def test_a_parameter_that_nobody_honours_names_itself_and_the_providers() -> None:
    """400 with the parameter in `param`."""
    found = rejected(parameters=frozenset({"seed"}))
    assert (found.code, found.param) == ("unsupported_parameter", "seed")
    assert found.message.startswith("`seed` is not supported by a, b")


def test_a_capability_that_nobody_has_names_the_request_field() -> None:
    """The client does not know our word for it."""
    routing = RoutingSnapshot.build(providers=[provider("a", Model(name="m", capabilities=frozenset()))])
    found = rejection(decide(routing, facts(capabilities=frozenset({Capability.JSON_SCHEMA}))))
    assert (found.code, found.param) == ("unsupported_parameter", "response_format")


def test_too_long_for_everybody() -> None:
    """400 context_length_exceeded with what is needed and the largest window."""
    found = rejected(input_tokens=250, max_output_tokens=50)
    assert found.code == "context_length_exceeded"
    assert "about 300 tokens" in found.message
    assert "200 tokens" in found.message


def test_all_cooling_down_says_when_the_first_returns() -> None:
    """429, and the soonest of them counts."""
    found = rejected({"a/m": cooling(30.0), "b/m": cooling(4.5)})
    assert (found.code, found.retry_after) == ("rate_limit_exceeded", 4.5)


def test_one_open_breaker_makes_it_unavailability() -> None:
    """503 with every target's reason."""
    found = rejected({"a/m": cooling(30.0), "b/m": OPEN})
    assert found.code == "no_healthy_providers"
    assert found.message == "NoHealthyProviders: a/m: cooldown; b/m: open"


def test_targets_that_cannot_serve_do_not_hide_a_cooldown() -> None:
    """`b` alone could serve this size, and it is cooling."""
    found = rejected({"b/m": cooling(3.0)}, input_tokens=150)
    assert (found.code, found.retry_after) == ("rate_limit_exceeded", 3.0)


def test_all_denied_by_policy() -> None:
    """403 with the policy's reason."""
    denied = {"a/m": ("p1", "no"), "b/m": ("p1", "no")}
    found = rejection(decide(ROUTING, facts(), HealthView(denied=denied)))
    assert (found.code, found.message) == ("policy_denied", "denied by p1: no")


def test_denied_or_unavailable_is_unavailability() -> None:
    """Waiting may help, so it is not a denial."""
    health = HealthView(denied={"a/m": ("p1", "no")}, targets={"b/m": OPEN})
    assert rejection(decide(ROUTING, facts(), health)).code == "no_healthy_providers"


def test_the_callers_own_exclusions_are_named() -> None:
    """503: there are providers, but not any that the caller wants."""
    found = rejected(excluded_providers=("a", "b"))
    assert found.code == "no_healthy_providers"
    assert "a/m: excluded by the caller" in found.message


def test_what_the_caller_excludes_does_not_hide_why_the_rest_fails() -> None:
    """With `a` out of the way, `n` is what `b` cannot honour."""
    found = rejected(excluded_providers=("a",), parameters=frozenset({"n"}))
    assert (found.code, found.param) == ("unsupported_parameter", "n")


def test_a_rule_without_a_provider_for_the_model_says_so() -> None:
    """The rule is named, for the operator."""
    routing = RoutingSnapshot.build(
        providers=[provider("a", "m"), provider("b", "n")], rules=[rule("to-b", providers=("b",))]
    )
    found = rejection(decide(routing))
    assert found.message == "NoHealthyProviders: a/m: rule to-b names other providers"
