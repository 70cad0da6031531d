"""Deterministic values from JSON schemas, judged by the jsonschema library."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from llm_gateway.entrypoints.lab.schema_sample import sample

SCHEMAS: list[dict[str, Any]] = [
    {"type": "object", "properties": {"a": {"type": "string", "minLength": 9}}, "required": ["a"]},
    {"type": "object", "properties": {"a": {"type": "string", "maxLength": 1}}},
    {"type": "object", "properties": {"unit": {"enum": ["c", "f"]}, "n": {"type": "integer", "minimum": 7}}},
    {"type": "array", "items": {"type": "number", "maximum": 1}, "minItems": 3},
    {"type": ["null", "boolean"]},
    {"anyOf": [{"type": "null"}, {"type": "integer", "exclusiveMinimum": 4}]},
    {"$ref": "#/$defs/p", "$defs": {"p": {"type": "object", "properties": {"x": {"const": 3}}}}},
    {"allOf": [{"properties": {"x": {"type": "null"}}}, {"properties": {"y": {"type": "string"}}}]},
    {"type": "object", "properties": {"at": {"type": "string", "format": "date-time"}}},
    {"type": "string", "default": "given"},
    {},
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_the_sample_satisfies_its_schema(schema: dict[str, Any]) -> None:
    """Also twice the same."""
    Draft202012Validator(schema).validate(sample(schema))
    assert sample(schema) == sample(schema)


def test_a_schema_that_contains_itself_ends() -> None:
    """Optional properties are left out below the second level."""
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}, "name": {"type": "string"}}}
    assert sample({"$ref": "#/$defs/node", "$defs": {"node": node}})["next"]["name"] == "name"


def test_a_required_endless_schema_ends() -> None:
    """Nothing satisfies it; eight levels are enough."""
    node = {"type": "object", "properties": {"next": {"$ref": "#"}}, "required": ["next"]}
    assert sample(node)["next"]["next"] is not None


def test_googles_type_names_are_read() -> None:
    """They are upper-case."""
    assert sample({"type": "OBJECT", "properties": {"n": {"type": "INTEGER"}}}) == {"n": 1}
