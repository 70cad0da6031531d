"""The facts' document: canonical as it stands, invertible, and without anything that is not a fact."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest

from llm_gateway.domain.canonical_json import canonical, digest
from llm_gateway.domain.facts_document import facts_document, facts_from_document, facts_text, inputs_hash
from llm_gateway.domain.request_facts import NO_HINTS, RequestFacts, RoutingHints
from tests.samples.decisions import FACTS
from tests.samples.routing_cases import cases


def test_the_hash_is_that_of_the_canonical_json() -> None:
    """The text that is hashed is the document as the pure RFC 8785 implementation writes it."""
    for case in cases(seed=11, count=300):
        facts = case.inputs.facts
        assert facts_text(facts).encode() == canonical(facts_document(facts))
        assert inputs_hash(facts_text(facts)) == digest(facts_document(facts))


def test_generated_facts_come_back() -> None:
    """The document is an exact inverse, also after a way through JSON."""
    for case in cases(seed=12, count=300):
        document = json.loads(canonical(facts_document(case.inputs.facts)))
        assert facts_from_document(document) == case.inputs.facts


def test_awkward_text_hashes_canonically() -> None:
    """Control characters, quotes and everything beyond ASCII are escaped as RFC 8785 asks."""
    facts = replace(FACTS, model='"\\\x00\x08\x1f\x7f\u2028é😀/', input_tokens=2**60)
    assert inputs_hash(facts_text(facts)) == digest(facts_document(facts))
    assert facts_from_document(json.loads(canonical(facts_document(facts)))) == facts


def test_the_order_of_a_set_does_not_matter() -> None:
    """Equal facts hash equal in every process: sets are written sorted."""
    names = ["n", "seed", "logit_bias", "top_k", "stop"]
    hashes = {
        inputs_hash(facts_text(replace(FACTS, parameters=frozenset(order))))
        for order in (names, names[::-1], names[2:] + names[:2])
    }
    assert len(hashes) == 1


CHANGES = {
    "model": "other",
    "tenant": None,
    "capabilities": frozenset(),
    "parameters": frozenset(),
    "input_tokens": 813,
    "max_output_tokens": None,
    "headers": (),
    "metadata": (("team", "sok"),),
    "hints": NO_HINTS,
    "affinity_key": None,
    "bound_to": ("azure", "openai"),
}


@pytest.mark.parametrize("name", [field.name for field in fields(RequestFacts)])
def test_every_field_of_the_facts_is_hashed(name: str) -> None:
    """A new field cannot be forgotten: this test asks for a change of each."""
    changed = replace(FACTS, **{name: CHANGES[name]})
    assert inputs_hash(facts_text(changed)) != inputs_hash(facts_text(FACTS))


HINTS = {
    "preferred_providers": ("groq",),
    "excluded_providers": ("groq",),
    "max_latency_tier": 2,
    "max_latency_ms": 2**60,
    "cost_budget": "0.01",
    "optimize_cost": True,
    "fallback_enabled": False,
    "priority": "high",
}


@pytest.mark.parametrize("name", [field.name for field in fields(RoutingHints)])
def test_every_hint_is_held_and_comes_back(name: str) -> None:
    """Only given hints are written, each in a form that is read back."""
    facts = RequestFacts(model="m", hints=RoutingHints(**{name: HINTS[name]}))
    document = json.loads(canonical(facts_document(facts)))
    assert list(document["hints"]) == [name]
    assert facts_from_document(document) == facts


def test_a_lone_surrogate_is_refused() -> None:
    """It has no UTF-8, so it has no hash."""
    with pytest.raises(UnicodeEncodeError):
        inputs_hash(facts_text(replace(FACTS, model="\ud800")))
