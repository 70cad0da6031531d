"""Finish reasons."""

from __future__ import annotations

import pytest
from google.genai.types import FinishReason

from llm_gateway.adapters.dialects.google_generate_content.finish import (
    blocked_prompt,
    hub_finish,
    native_name,
)


@pytest.mark.parametrize(
    ("native", "called", "finish"),
    [
        ("STOP", False, "stop"),
        ("STOP", True, "tool_calls"),
        (None, True, "tool_calls"),
        ("MAX_TOKENS", True, "length"),
        ("SAFETY", False, "content_filter"),
        ("RECITATION", True, "content_filter"),
        ("MODEL_ARMOR", False, "content_filter"),
        ("MALFORMED_FUNCTION_CALL", False, "stop"),
        ("UNEXPECTED_TOOL_CALL", True, "stop"),
        ("SOMETHING_NEW", False, "stop"),
    ],
)
def test_a_reason_has_openais_word(native: str | None, called: bool, finish: str) -> None:
    """An undeclared function is not to be executed, so its call does not end in tool_calls."""
    assert hub_finish(native, called=called) == finish


@pytest.mark.parametrize("reason", list(FinishReason))
def test_every_reason_the_sdk_knows_has_a_word(reason: FinishReason) -> None:
    """Of the four that OpenAI's schema allows."""
    words = {"stop", "length", "content_filter", "tool_calls"}
    assert hub_finish(native_name(reason.value), called=False) in words


@pytest.mark.parametrize(
    ("reason", "name"),
    [(1, "STOP"), (2, "MAX_TOKENS"), (0, None), (99, "OTHER"), (-1, "OTHER"), ("", None), (None, None)],
)
def test_numbers_are_names(reason: int | str | None, name: str | None) -> None:
    """Seen where enumerations are encoded as numbers."""
    assert native_name(reason) == name


@pytest.mark.parametrize(
    ("reason", "word"),
    [("SAFETY", "SAFETY"), ("BLOCKED_REASON_UNSPECIFIED", None), (1, "BLOCKED"), (0, None), (None, None)],
)
def test_a_prompt_is_blocked_for_a_reason(reason: int | str | None, word: str | None) -> None:
    """No reason, no block."""
    assert blocked_prompt(reason) == word
