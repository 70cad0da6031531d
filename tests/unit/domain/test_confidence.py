"""Confidence: the formula of its module docstring."""

from __future__ import annotations

import pytest

from llm_gateway.domain.confidence import NO_CONFIDENCE, confidence
from llm_gateway.domain.health_view import HealthView, TargetHealth
from llm_gateway.domain.routing_snapshot import RoutingSnapshot
from tests.unit.domain.routing_examples import decide, facts, provider, rule

SNAPSHOT = RoutingSnapshot.build(
    providers=[provider("listed", "m"), provider("pattern", "gpt-*"), provider("open")],
    aliases={"fast": ("listed/m",)},
    rules=[rule("pin", models=("pinned",), providers=("open",))],
)


def test_overall_is_the_geometric_mean() -> None:
    """√(0.64 × 0.25) = 0.4."""
    assert confidence(0.64, 0.25).overall == pytest.approx(0.4)
    assert NO_CONFIDENCE.overall == 0.0


@pytest.mark.parametrize(
    ("model", "rule_match"),
    [("m", 1.0), ("listed/m", 1.0), ("fast", 1.0), ("pinned", 1.0), ("gpt-4o", 0.8), ("new", 0.5)],
)
def test_rule_match_says_how_the_target_was_recognised(model: str, rule_match: float) -> None:
    """Named, by pattern, or unseen."""
    assert decide(SNAPSHOT, facts(model)).confidence.rule_match == rule_match


def test_availability_is_the_selected_targets_health() -> None:
    """A score of 0.25 makes an exact match half sure."""
    health = HealthView(targets={"listed/m": TargetHealth(score=0.25)})
    sure = decide(SNAPSHOT, facts("m"), health).confidence
    assert (sure.availability, sure.overall) == (0.25, 0.5)


def test_a_rejection_is_sure_of_nothing() -> None:
    """Nothing was selected."""
    health = HealthView(targets={"listed/m": TargetHealth(available=False, reason="open")})
    assert decide(SNAPSHOT, facts("m"), health).confidence == NO_CONFIDENCE
