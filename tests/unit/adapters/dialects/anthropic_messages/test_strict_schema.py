"""Schemas as structured outputs and strict tools take them."""

from __future__ import annotations

from typing import Any

import pytest
from anthropic import transform_schema

from llm_gateway.adapters.dialects.anthropic_messages.strict_schema import expressible, strict_schema

PERSON = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}


def closed(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "additionalProperties": False}


@pytest.mark.parametrize(
    "schema",
    [
        PERSON,
        {"$ref": "#/$defs/P", "$defs": {"P": PERSON}},
        {"type": "object", "properties": {"a": {"oneOf": [{"type": "string"}, PERSON]}}},
        {"type": "object", "properties": {"a": {"type": "array", "items": PERSON, "minItems": 1}}},
        {"type": "object", "properties": {"a": {"enum": ["x", 1, None]}, "b": {"const": 3}}},
        {"type": "object", "properties": {"a": {"type": "string", "format": "date", "title": "T"}}},
    ],
)
def test_the_result_is_what_anthropics_sdk_makes(schema: dict[str, Any]) -> None:
    """Same structure as the official transformation."""
    assert strict_schema(schema) == transform_schema(schema)


def test_constraints_go_to_the_description() -> None:
    """Where the model may heed what the grammar cannot hold."""
    made = strict_schema({"type": "integer", "minimum": 1, "description": "A number"})
    assert made == {"type": "integer", "description": 'A number\n\n{"minimum":1}'}


def test_a_list_of_types_is_kept() -> None:
    """OpenAI's way to say nullable."""
    made = strict_schema({"type": ["object", "null"], "properties": {"a": {"type": "string"}}})
    assert made["type"] == ["object", "null"] and made["additionalProperties"] is False


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"type": "object", "properties": {"tags": {"type": "object", "additionalProperties": True}}},
        {"type": "object", "properties": {"any": {}}},
        {"type": "object", "properties": {"next": {"$ref": "#"}}},
        {"type": "object", "properties": {"a": {"$ref": "https://elsewhere/schema"}}},
        {"$ref": "#/$defs/A", "$defs": {"A": {"type": "array", "items": {"$ref": "#/$defs/A"}}}},
    ],
)
def test_open_and_recursive_schemas_are_recognised(schema: dict[str, Any]) -> None:
    """Closing them would lose what they allow."""
    assert not expressible(schema)


def test_a_definition_used_twice_is_no_recursion() -> None:
    """Only a circle is."""
    twice = {"a": {"$ref": "#/$defs/P"}, "b": {"$ref": "#/$defs/P"}}
    assert expressible({"type": "object", "properties": twice, "$defs": {"P": PERSON}})
    assert expressible(closed(PERSON))
