"""Thinking: efforts as budgets and levels."""

from __future__ import annotations

from typing import Any

import pytest

from llm_gateway.adapters.dialects.google_generate_content.thinking import (
    demands_signatures,
    generation,
    thinking_config,
)
from llm_gateway.domain.errors import InvalidRequest


@pytest.mark.parametrize(
    ("model", "effort", "config"),
    [
        ("gemini-2.5-flash", "none", {"thinkingBudget": 0}),
        ("gemini-2.5-pro", "none", {"thinkingBudget": 128}),
        ("gemini-2.5-flash", "minimal", {"thinkingBudget": 1024}),
        ("gemini-2.5-flash", "low", {"thinkingBudget": 1024}),
        ("gemini-2.5-flash", "medium", {"thinkingBudget": 8192}),
        ("gemini-2.5-flash", "high", {"thinkingBudget": 24576}),
        ("gemini-2.5-pro", "xhigh", {"thinkingBudget": 32768}),
        ("gemini-3-flash-preview", "none", {"thinkingLevel": "minimal"}),
        ("gemini-3-flash-preview", "minimal", {"thinkingLevel": "minimal"}),
        ("gemini-3-flash-preview", "medium", {"thinkingLevel": "medium"}),
        ("gemini-3-pro-preview", "minimal", {"thinkingLevel": "low"}),
        ("gemini-3-pro-preview", "medium", {"thinkingLevel": "high"}),
        ("gemini-3.1-pro-preview", "medium", {"thinkingLevel": "medium"}),
        ("gemini-flash-latest", "high", {"thinkingLevel": "high"}),
    ],
)
def test_an_effort_is_a_budget_or_a_level(model: str, effort: str, config: dict[str, Any]) -> None:
    """By generation; thoughts are asked for whenever thinking is."""
    expected = config if effort == "none" else {**config, "includeThoughts": True}
    assert thinking_config(model, effort) == expected


def test_no_thinking_needs_no_word_where_there_is_none() -> None:
    """`none` is what such a model does anyway."""
    assert thinking_config("gemini-2.0-flash", "none") is None


@pytest.mark.parametrize(("model", "effort"), [("gemini-2.0-flash", "low"), ("gemini-2.5-pro", "extreme")])
def test_an_effort_that_cannot_be_said_is_refused(model: str, effort: str) -> None:
    """Google answers 400 to a thinkingConfig for a model that does not think."""
    with pytest.raises(InvalidRequest) as caught:
        thinking_config(model, effort)
    assert caught.value.param == "reasoning_effort"


def test_generations_are_read_off_the_name() -> None:
    """Other families have none."""
    names = ["gemini-1.5-pro-002", "gemini-3-flash", "models/gemini-3.6-flash", "gemma-3-27b-it"]
    assert [generation(name) for name in names] == [(1, 5), (3, 0), (3, 6), None]
    assert [demands_signatures(name) for name in names] == [False, True, True, False]
