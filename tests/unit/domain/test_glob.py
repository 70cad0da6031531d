"""Globs: what they match, and whether two can match the same string."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_gateway.domain.glob import compile_any, compile_glob, globs_overlap

PATTERN = st.text("ab*?", max_size=6)
TEXT = st.text("ab", max_size=8)


@given(PATTERN, TEXT)
def test_a_glob_means_what_fnmatch_means(pattern: str, text: str) -> None:
    """The standard library's matcher is the oracle (it has no other wildcards in this alphabet)."""
    assert compile_glob(pattern)(text) == fnmatchcase(text, pattern)


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("gpt-*", "gpt-4o", True),
        ("GPT-*", "gpt-4o", False),
        ("gpt-4?", "gpt-4", False),
        ("a.c", "abc", False),
        ("[ab]*", "a", False),
        ("*", "line\nbreak", True),
        ("a*b", "a\nb", True),
    ],
)
def test_only_star_and_question_mark_are_special(pattern: str, text: str, matches: bool) -> None:
    """Everything else stands for itself, letter case included."""
    assert compile_glob(pattern)(text) is matches


def test_a_hostile_name_cannot_make_a_glob_backtrack() -> None:
    """Twenty stars against 20,000 letters: exponential or cubic time would never end."""
    assert not compile_glob("*a" * 20 + "b")("a" * 20_000)


@given(st.lists(PATTERN, min_size=1, max_size=4), TEXT)
def test_any_of_several_patterns_is_enough(patterns: list[str], text: str) -> None:
    """The combined test is the disjunction of the single ones."""
    assert compile_any(patterns)(text) == any(compile_glob(pattern)(text) for pattern in patterns)


@given(PATTERN, PATTERN, TEXT)
def test_patterns_that_share_a_string_overlap(left: str, right: str, text: str) -> None:
    """A common string is a proof of overlap."""
    if compile_glob(left)(text) and compile_glob(right)(text):
        assert globs_overlap(left, right)


@pytest.mark.parametrize(
    ("left", "right", "overlap"),
    [
        ("gpt-*", "gpt-4o*", True),
        ("gpt-*", "claude-*", False),
        ("*-preview", "gpt-*", True),
        ("a?", "a", False),
        ("", "*", True),
    ],
)
def test_overlap_of_two_patterns(left: str, right: str, overlap: bool) -> None:
    """Both ways round."""
    assert globs_overlap(left, right) is overlap
    assert globs_overlap(right, left) is overlap
