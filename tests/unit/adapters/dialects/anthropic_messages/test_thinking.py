"""reasoning_effort and its relatives as thinking and effort."""

from __future__ import annotations

from typing import Any

import pytest

from llm_gateway.adapters.dialects.anthropic_messages.claude_model import claude_model
from llm_gateway.adapters.dialects.anthropic_messages.thinking import Thinking, plan_thinking
from llm_gateway.domain.errors import InvalidRequest

OLD, NEW = "claude-sonnet-4-5", "claude-opus-4-8"


def plan(document: dict[str, Any], model: str, max_tokens: int = 64_000, fits: bool = True) -> Thinking:
    return plan_thinking(document, claude_model(model), max_tokens, budget_fits=fits)


@pytest.mark.parametrize(("effort", "budget"), [("minimal", 1024), ("low", 1024), ("high", 16_384)])
def test_an_effort_is_a_budget_on_older_models(effort: str, budget: int) -> None:
    """The ladder starts at the API's least budget."""
    config = {"type": "enabled", "budget_tokens": budget}
    assert plan({"reasoning_effort": effort}, OLD) == Thinking(config=config)


def test_an_effort_is_an_effort_on_newer_models() -> None:
    """Adaptive thinking, its text asked for."""
    made = plan({"reasoning_effort": "xhigh"}, NEW)
    assert made == Thinking(config={"type": "adaptive", "display": "summarized"}, effort="xhigh")


def test_a_rung_that_the_model_lacks_is_the_next_lower_one() -> None:
    """Sonnet 4.6 ends at high."""
    assert plan({"reasoning_effort": "max"}, "claude-sonnet-4-6").effort == "high"


def test_a_budget_leaves_room_for_the_answer() -> None:
    """At most four fifths of the client's limit, which counts both."""
    config = plan({"reasoning_effort": "high"}, OLD, max_tokens=2000).config
    assert config == {"type": "enabled", "budget_tokens": 1600}


def test_no_thinking_where_the_least_budget_does_not_fit() -> None:
    """The client's limit is never raised."""
    assert plan({"reasoning_effort": "low"}, OLD, max_tokens=1024) == Thinking()


def test_a_budget_that_the_client_names_is_kept() -> None:
    """OpenRouter's reasoning.max_tokens, on every model that takes budgets."""
    document = {"reasoning": {"max_tokens": 3000}}
    assert plan(document, "claude-sonnet-4-6").config == {"type": "enabled", "budget_tokens": 3000}
    assert (plan(document, NEW).config or {})["type"] == "adaptive"


def test_a_budget_that_does_not_fit_is_left_out() -> None:
    """Efforts fit everywhere."""
    assert plan({"reasoning_effort": "high"}, OLD, fits=False) == Thinking()
    assert plan({"reasoning_effort": "high"}, NEW, fits=False).active


@pytest.mark.parametrize(
    ("model", "thinking"),
    [
        (OLD, Thinking()),
        ("claude-sonnet-5", Thinking(config={"type": "disabled"})),
        ("claude-opus-5-5", Thinking(effort="low")),
    ],
)
def test_none_turns_thinking_off_as_the_model_wants_it(model: str, thinking: Thinking) -> None:
    """Models that think unless told otherwise are told."""
    assert plan({"reasoning_effort": "none"}, model) == thinking
    assert plan({"reasoning": {"enabled": False}}, model) == thinking


def test_anthropics_own_object_passes() -> None:
    """As its OpenAI-compatible endpoint takes it."""
    own = {"type": "enabled", "budget_tokens": 5000}
    assert plan({"thinking": own, "reasoning_effort": "low"}, OLD).config == own


def test_an_unknown_effort_is_named() -> None:
    """None of OpenAI's words."""
    with pytest.raises(InvalidRequest) as caught:
        plan({"reasoning_effort": "immense"}, NEW)
    assert caught.value.param == "reasoning_effort"


def test_verbosity_only_sets_the_effort() -> None:
    """Where the model has efforts."""
    assert plan({"verbosity": "low"}, NEW) == Thinking(effort="low")
    assert plan({"verbosity": "low"}, OLD) == Thinking()
