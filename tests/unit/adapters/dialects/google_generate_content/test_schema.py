"""JSON Schema adaptation."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_gateway.adapters.dialects.google_generate_content.schema import adapt_parameters, adapt_schema

_INTEGER = {"type": "integer"}


def _in_property(schema: Any) -> Any:
    return adapt_schema({"type": "object", "properties": {"p": schema}})["properties"]["p"]


@pytest.mark.parametrize(
    ("schema", "adapted"),
    [
        ({"const": "cat"}, {"enum": ["cat"], "type": "string"}),
        ({"const": 3, "type": "integer"}, {"enum": [3], "type": "integer"}),
        ({"const": None}, {"type": "null"}),
        ({"const": True}, {"type": "boolean", "description": "enum: [true]"}),
        ({"enum": ["a", None]}, {"enum": ["a"], "type": ["string", "null"]}),
        ({"enum": ["a", None], "type": "string"}, {"enum": ["a"], "type": ["string", "null"]}),
        ({"enum": [True, False]}, {"type": "boolean", "description": "enum: [true,false]"}),
        ({"type": "integer", "exclusiveMinimum": 0}, {"type": "integer", "minimum": 1}),
        ({"type": "integer", "exclusiveMaximum": 9, "maximum": 5}, {"type": "integer", "maximum": 5}),
        (
            {"type": "number", "exclusiveMinimum": 0},
            {"type": "number", "minimum": 0, "description": "exclusiveMinimum: 0"},
        ),
        (
            {"type": "integer", "multipleOf": 5, "description": "Steps"},
            {"type": "integer", "description": "Steps (multipleOf: 5)"},
        ),
        ({"type": "array", "items": [_INTEGER, True]}, {"type": "array", "prefixItems": [_INTEGER, {}]}),
        ({"type": ["string", "null"]}, {"type": ["string", "null"]}),
        ({"oneOf": [_INTEGER, {"const": "x"}]}, {"oneOf": [_INTEGER, {"enum": ["x"], "type": "string"}]}),
        ({"allOf": [{"$ref": "#/$defs/X"}]}, {"$ref": "#/$defs/X"}),
        ({"$ref": "#/definitions/X"}, {"$ref": "#/$defs/X"}),
        (
            {"type": "object", "additionalProperties": _INTEGER},
            {"type": "object", "additionalProperties": _INTEGER},
        ),
        ({"type": "object", "$comment": "x", "if": {}, "examples": [1]}, {"type": "object"}),
        (True, {}),
    ],
)
def test_a_schema_is_said_in_accepted_words(schema: Any, adapted: Any) -> None:
    """Equal where it can be, told in the description where it cannot."""
    assert _in_property(schema) == adapted


def test_a_property_named_like_a_keyword_is_a_property() -> None:
    """Only schema positions are adapted."""
    schema = {"type": "object", "properties": {"const": _INTEGER, "$ref": _INTEGER, "not": _INTEGER}}
    assert adapt_schema(schema) == schema


def test_values_are_not_schemas() -> None:
    """A default that looks like a schema stays as it is."""
    schema = {"type": "object", "default": {"const": 1, "$schema": "x"}}
    assert adapt_schema(schema) == schema


def test_empty_objects_stay_empty_objects() -> None:
    """Recorded: `{"type": "object", "properties": {}}` is accepted."""
    schema = {"type": "object", "properties": {}, "additionalProperties": False}
    assert adapt_parameters(schema) == schema


def test_parameters_are_said_to_be_an_object() -> None:
    """Google wants to read it at the root."""
    assert adapt_parameters({"properties": {"x": _INTEGER}})["type"] == "object"


def test_definitions_move_to_where_google_looks() -> None:
    """`definitions` is what drafts before 2019-09 said."""
    schema = {"$ref": "#/definitions/A", "definitions": {"A": {"const": 1}}}
    assert adapt_schema(schema) == {"$ref": "#/$defs/A", "$defs": {"A": {"enum": [1], "type": "integer"}}}


_KEYWORDS = [
    "type",
    "items",
    "properties",
    "allOf",
    "anyOf",
    "$ref",
    "enum",
    "const",
    "required",
    "$defs",
    "not",
]
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["#/$defs/A", "#", "object", "integer", "A"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*_KEYWORDS, "A"]), inner, max_size=4)
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(_KEYWORDS), _JSON, max_size=5))
def test_any_document_is_adapted_without_an_exception(schema: dict[str, Any]) -> None:
    """However wrong; and the client's own copy is not changed."""
    before = copy.deepcopy(schema)
    adapt_schema(schema)
    assert schema == before
