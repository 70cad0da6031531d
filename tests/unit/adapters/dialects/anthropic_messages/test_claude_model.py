"""Which request shapes a generation of Claude accepts."""

from __future__ import annotations

import pytest

from llm_gateway.adapters.dialects.anthropic_messages.claude_model import claude_model


@pytest.mark.parametrize(
    ("name", "thinking"),
    [
        ("claude-3-5-haiku-20241022", "none"),
        ("claude-3-7-sonnet-latest", "budget"),
        ("claude-opus-4-20250514", "budget"),
        ("us.anthropic.claude-opus-4-5-20251101-v1:0", "budget"),
        ("claude-sonnet-4-6", "adaptive"),
        ("claude-mythos-preview", "adaptive"),
        ("claude-fable-5", "adaptive"),
        ("some-other-model", "budget"),
    ],
)
def test_thinking_is_asked_for_as_the_generation_takes_it(name: str, thinking: str) -> None:
    """Budgets until 4.5, efforts from 4.6 on."""
    assert claude_model(name).thinking == thinking


@pytest.mark.parametrize(
    ("name", "sampling"),
    [
        ("claude-sonnet-4-20250514", "free"),
        ("claude-sonnet-4-5", "one"),
        ("claude-opus-4-6", "one"),
        ("claude-opus-4-7", "none"),
        ("claude-haiku-5-5", "none"),
    ],
)
def test_sampling_shrinks_with_the_generations(name: str, sampling: str) -> None:
    """Both parameters, then one of them, then none."""
    assert claude_model(name).sampling == sampling


@pytest.mark.parametrize(
    ("name", "off"),
    [
        ("claude-sonnet-4-6", "omit"),
        ("claude-sonnet-5", "disabled"),
        ("claude-sonnet-5-5", "between_tools"),
        ("claude-opus-5-5", "low_effort"),
        ("claude-fable-5", "low_effort"),
    ],
)
def test_the_off_switch_of_thinking_differs(name: str, off: str) -> None:
    """A thinking type, nothing, or the least effort."""
    assert claude_model(name).thinking_off == off


def test_a_date_is_not_a_minor_version() -> None:
    """claude-opus-4-20250514 is Opus 4.0, with its smaller output limit."""
    assert claude_model("claude-opus-4-20250514").default_max_tokens == 32_000
    assert claude_model("claude-opus-4@20250514") == claude_model("claude-opus-4-0")


def test_forced_tools_end_with_the_newest_generation() -> None:
    """Opus 5.5, Sonnet 5.5 and Fable 5.1 answer 400 to tool_choice any and tool."""
    refusing = ("claude-opus-5-5", "claude-sonnet-5-5", "claude-fable-5-1", "claude-mythos-5-2")
    assert not any(claude_model(name).forced_tools for name in refusing)
    assert claude_model("claude-opus-5").forced_tools and claude_model("claude-haiku-5-5").forced_tools
