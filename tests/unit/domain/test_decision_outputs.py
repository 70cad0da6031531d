"""DecisionOutputs: the routing path tells the way to the selected target."""

from __future__ import annotations

from dataclasses import replace

from llm_gateway.domain.decision import Candidate
from llm_gateway.domain.decision_outputs import DecisionOutputs
from tests.samples.decisions import OPENAI, REJECT, SELECT


def test_the_path_goes_from_the_alias_to_the_next_targets() -> None:
    """What made it a candidate, the rules, the strategy, then what would follow."""
    assert DecisionOutputs.of(SELECT).routing_path == (
        "alias:fast",
        "rule:gpt-models",
        "strategy:weighted",
        "next:azure/gpt-4o",
    )


def test_a_rule_is_named_once() -> None:
    """A target that a rule brought in is not announced a second time."""
    candidates = (Candidate(target=OPENAI, via="rule:gpt-models", weight=1),)
    path = DecisionOutputs.of(replace(SELECT, candidates=candidates)).routing_path
    assert path[0] == "rule:gpt-models"
    assert len(path) == 3


def test_the_path_of_a_rejection_ends_in_its_code() -> None:
    """There is no next target after a rejection."""
    assert DecisionOutputs.of(REJECT).routing_path[-1] == "reject:no_healthy_providers"


def test_fallback_providers_are_in_order() -> None:
    """One entry for each next target, also when a provider comes twice."""
    twice = replace(SELECT, fallback=(*SELECT.fallback, OPENAI, *SELECT.fallback))
    assert DecisionOutputs.of(twice).fallback_providers == ("azure", "openai", "azure")
