"""Streamed arguments and made ids."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from llm_gateway.adapters.dialects.google_generate_content.tool_call import BadPath, PartialArguments, call_id
from llm_gateway.adapters.dialects.google_generate_content.wire import FunctionCall, PartialArg


def _together(*args: dict[str, Any]) -> Any:
    arguments = PartialArguments(FunctionCall())
    for arg in args:
        arguments.take(msgspec.convert(arg, PartialArg))
    return json.loads(arguments.text)


def test_pieces_of_a_string_are_joined() -> None:
    """The last piece may be empty."""
    pieces = [{"jsonPath": "$.city", "stringValue": text} for text in ("San ", "Francisco", "")]
    assert _together(*pieces) == {"city": "San Francisco"}


@pytest.mark.parametrize(
    ("path", "whole"),
    [
        ("$.a.b", {"a": {"b": 1}}),
        ("$.a[0].b", {"a": [{"b": 1}]}),
        ("$['a b'][\"c\"]", {"a b": {"c": 1}}),
        ("$['it\\'s']", {"it's": 1}),
        ("$.a[0][0]", {"a": [[1]]}),
    ],
)
def test_a_path_leads_into_objects_and_lists(path: str, whole: Any) -> None:
    """RFC 9535, in both notations."""
    assert _together({"jsonPath": path, "numberValue": 1}) == whole


def test_every_kind_of_value_is_taken() -> None:
    """Whole numbers stay whole."""
    args = [
        {"jsonPath": "$.b", "boolValue": False},
        {"jsonPath": "$.n", "nullValue": "NULL_VALUE"},
        {"jsonPath": "$.i", "numberValue": 5},
        {"jsonPath": "$.l[0]", "stringValue": "x"},
        {"jsonPath": "$.l[1]", "stringValue": "y"},
    ]
    assert _together(*args) == {"b": False, "n": None, "i": 5, "l": ["x", "y"]}


@pytest.mark.parametrize("path", ["", "$", "$[0]", "$.a[999999999]", "$..a", "$.a[*]", "nonsense["])
def test_a_path_that_leads_nowhere_is_refused(path: str) -> None:
    """An index far past the end among them: it would cost memory to honour."""
    with pytest.raises(BadPath):
        _together({"jsonPath": path, "numberValue": 1})


def test_a_value_is_no_place_for_another() -> None:
    """`$.a` was a number."""
    with pytest.raises(BadPath):
        _together({"jsonPath": "$.a", "numberValue": 1}, {"jsonPath": "$.a.b", "numberValue": 1})


def test_made_ids_tell_calls_apart() -> None:
    """By answer, choice and position; the same every time."""
    ids = {call_id(seed, choice, ordinal) for seed in "ab" for choice in (0, 1) for ordinal in (0, 1)}
    assert len(ids) == 8 and call_id("a", 0, 0) in ids
