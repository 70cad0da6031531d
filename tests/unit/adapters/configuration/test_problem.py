"""How a mistake is put into words."""

from __future__ import annotations

import pytest

from llm_gateway.adapters.configuration.problem import Problem, nearest, path_text, refusal


def test_a_path_reads_like_code() -> None:
    """Keys with dots, indices in brackets."""
    assert (
        path_text(("routing", "rules", 2, "action", "providers", 0)) == "routing.rules[2].action.providers[0]"
    )
    assert path_text(()) == ""


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem(path=("a",), reason="is bad", line=3, hint="try b"), "f:3: a: is bad (try b)"),
        (Problem(path=("a",), reason="is bad"), "f: a: is bad"),
        (Problem(path=(), reason="is bad", line=1), "f:1: is bad"),
    ],
)
def test_what_is_unknown_is_left_out(problem: Problem, text: str) -> None:
    """File, line, path, reason, hint."""
    assert problem.error("f").message == text


@pytest.mark.parametrize(
    ("word", "hint"), [("opnai", "did you mean 'openai'?"), ("xyz", None), (5, None), (None, None)]
)
def test_the_nearest_known_word(word: object, hint: str | None) -> None:
    """Only when it is near."""
    assert nearest(word, {"openai", "anthropic"}) == hint


def test_the_first_mistake_by_line_leads() -> None:
    """The others follow with it."""
    problems = [Problem(path=("b",), reason="x", line=9), Problem(path=("a",), reason="y", line=2)]
    error = refusal(problems, "f")
    assert (error.line, error.path) == (2, "a")
    assert [other.line for other in error.others] == [9]
