"""differences: the smallest places where two JSON values are not the same."""

from __future__ import annotations

from typing import Any

import pytest

from llm_gateway.domain.difference import Difference, differences


@pytest.mark.parametrize("value", [None, 1, "a", [1, [2]], {"a": {"b": [True]}}])
def test_equal_values_have_none(value: Any) -> None:
    """Nothing to show."""
    assert list(differences("x", value, value)) == []


def test_lists_and_tuples_are_the_same_thing() -> None:
    """A recomputed value never went through JSON."""
    assert list(differences("x", [1, 2], (1, 2))) == []


@pytest.mark.parametrize(
    ("stored", "recomputed", "paths"),
    [
        ({"a": 1, "b": [1, 2]}, {"a": 1, "b": [1, 3]}, ["x.b[1]"]),
        ({"a": 1}, {"b": 1}, ["x.a", "x.b"]),
        ([1], [1, 2], ["x[1]"]),
        ({"a": 1}, [1], ["x"]),
        (True, 1, ["x"]),
    ],
)
def test_the_smallest_place_is_named(stored: Any, recomputed: Any, paths: list[str]) -> None:
    """Also a missing member, a longer list, another kind of value; `true` is not 1."""
    assert [difference.path for difference in differences("x", stored, recomputed)] == paths


def test_a_difference_prints_both_sides() -> None:
    """One line for a person."""
    text = str(Difference(path="outputs.selected_model", stored="a", recomputed=None))
    assert text == "outputs.selected_model: stored 'a', recomputed None"
