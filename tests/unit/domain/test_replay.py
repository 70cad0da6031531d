"""ReplayInputs: what a record holds of a decision's inputs, and its exact inverse."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest

from llm_gateway.domain.canonical_json import canonical
from llm_gateway.domain.health_view import UNKNOWN_HEALTH, HealthView, TargetHealth
from llm_gateway.domain.replay import ReplayInputs
from llm_gateway.domain.target import Target
from tests.samples.decisions import INPUTS, OPENAI, SELECT


def back(inputs: ReplayInputs) -> ReplayInputs:
    return ReplayInputs.from_document(json.loads(canonical(inputs.document(SELECT))))


def test_the_inputs_come_back_from_json() -> None:
    """Facts, health, counter, denials and tried targets; models may contain a slash."""
    tried = (*INPUTS.after, (Target("groq", "org/llama-4"), "not_sent"))
    assert back(replace(INPUTS, after=tried)) == replace(INPUTS, after=tried)


def test_only_candidates_are_recorded() -> None:
    """A record does not grow with targets that the decision never looked at."""
    others = {f"other/{n}": TargetHealth(score=0.5) for n in range(100)}
    health = HealthView(
        targets={**others, OPENAI.id: TargetHealth(score=0.5)}, denied={"other/1": ("p", "r")}
    )
    found = back(replace(INPUTS, health=health)).health
    assert found == HealthView(targets={OPENAI.id: TargetHealth(score=0.5)})


def test_unknown_health_costs_nothing() -> None:
    """A target that was never tried has no entry, before and after."""
    document = replace(INPUTS, health=HealthView()).document(SELECT)
    assert document["health"] == document["denied"] == []


def test_floats_keep_every_bit() -> None:
    """Replay compares scores: a rounded one could order targets differently."""
    health = TargetHealth(score=0.1 + 0.2, latency_ms=1e-9, retry_after=1e300)
    found = back(replace(INPUTS, health=HealthView(targets={OPENAI.id: health})))
    assert found.health.of(OPENAI.id) == health


CHANGES = {
    "breaker": "half_open",
    "available": False,
    "reason": "cooldown",
    "score": 0.0,
    "latency_ms": 0.0,
    "in_flight": 2**60,
    "retry_after": 0.0,
}


@pytest.mark.parametrize("name", [field.name for field in fields(TargetHealth)])
def test_every_health_value_is_held_and_comes_back(name: str) -> None:
    """Only what is not the default is written; a new field cannot be forgotten."""
    changed = HealthView(targets={OPENAI.id: replace(UNKNOWN_HEALTH, **{name: CHANGES[name]})})
    (entry,) = replace(INPUTS, health=changed).document(SELECT)["health"]
    assert entry.keys() == {"target", name}
    assert back(replace(INPUTS, health=changed)).health.targets == changed.targets
