"""Which candidates can serve a request at all."""

from __future__ import annotations

from typing import Any

import pytest

from llm_gateway.domain.capability import Capability
from llm_gateway.domain.provider import Model
from llm_gateway.domain.routing_snapshot import RoutingSnapshot
from tests.unit.domain.routing_examples import decide, excluded, facts, order, provider

VISION = frozenset({Capability.VISION})
TOOLS = frozenset({Capability.TOOLS})


def of(*models: Model, **fields: Any) -> RoutingSnapshot:
    """Providers a, b, …, each with one of the models; `b` has the fields too."""
    return RoutingSnapshot.build(
        providers=[
            provider("ab"[index], model, **(fields if index else {})) for index, model in enumerate(models)
        ]
    )


def test_a_model_without_a_needed_capability_is_out() -> None:
    """All that is missing is named; the constraint says that some candidate has it."""
    routing = of(Model(name="m", capabilities=TOOLS), Model(name="m", capabilities=TOOLS | VISION))
    decision = decide(routing, facts(capabilities=TOOLS | VISION))
    assert order(decision) == ["b/m"]
    assert excluded(decision) == {"a/m": "lacks vision"}
    assert [(c.capability, c.satisfied) for c in decision.constraints if c.type == "capability"] == [
        ("tools", True),
        ("vision", True),
    ]


def test_a_models_list_of_abilities_need_not_repeat_streaming() -> None:
    """That is the provider's affair: only the provider can lack it."""
    routing = of(Model(name="m", capabilities=TOOLS), Model(name="m", capabilities=TOOLS), capabilities=TOOLS)
    assert order(decide(routing, facts(capabilities=frozenset({Capability.STREAMING})))) == ["a/m"]


def test_unknown_abilities_are_the_providers() -> None:
    """A model with capabilities None can what the provider can; a model cannot do more."""
    able = Model(name="m", capabilities=VISION)
    assert order(decide(of(Model(name="m"), able, capabilities=TOOLS), facts(capabilities=VISION))) == ["a/m"]


def test_a_parameter_that_cannot_be_honoured_excludes() -> None:
    """By the request's real parameters."""
    routing = of(Model(name="m"), Model(name="m"), unsupported_parameters=frozenset({"seed"}))
    assert order(decide(routing, facts(parameters=frozenset({"seed"})))) == ["a/m"]
    assert order(decide(routing)) == ["a/m", "b/m"]


def test_a_droppable_parameter_is_dropped_where_it_must_be() -> None:
    """And only there."""
    parameters = frozenset({"seed", "logit_bias"})
    routing = of(
        Model(name="m"), Model(name="m"), unsupported_parameters=parameters, droppable_parameters=parameters
    )
    decision = decide(routing, facts(parameters=parameters))
    assert (order(decision), decision.dropped_parameters) == (["a/m", "b/m"], ())
    after = decide(routing, facts(parameters=parameters), after=[("a/m", "rejected 503")])
    assert (order(after), after.dropped_parameters) == (["b/m"], ("logit_bias", "seed"))


@pytest.mark.parametrize(
    ("input_tokens", "max_output_tokens", "expected"),
    [(900, 100, ["a/m", "b/m"]), (901, 100, ["b/m"]), (1000, None, ["a/m", "b/m"]), (1001, None, ["b/m"])],
)
def test_request_and_answer_must_fit_the_window(
    input_tokens: int, max_output_tokens: int | None, expected: list[str]
) -> None:
    """Exactly full is full enough; an unknown window holds anything."""
    routing = of(Model(name="m", context_window=1000), Model(name="m"))
    request = facts(input_tokens=input_tokens, max_output_tokens=max_output_tokens)
    assert order(decide(routing, request)) == expected


def test_bound_content_keeps_the_request_with_its_providers() -> None:
    """Also as a fallback."""
    decision = decide(of(Model(name="m"), Model(name="m")), facts(bound_to=("b",)))
    assert order(decision) == ["b/m"]
    assert excluded(decision) == {"a/m": "the request holds content bound to b"}
