"""Schemas as a tool's input_schema takes them."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from llm_gateway.adapters.dialects.anthropic_messages.json_schema import input_schema

EMPTY = {"type": "object", "properties": {}}
NAME = {"name": {"type": "string"}}


@pytest.mark.parametrize("parameters", [None, {}, {"type": "object"}, {"properties": None}])
def test_no_arguments_are_an_object_without_properties(parameters: Any) -> None:
    """The root is always an object."""
    assert input_schema(parameters) == EMPTY


def test_a_plain_object_passes_as_it_is() -> None:
    """Constraints, references and unions below the root are taken."""
    schema = {
        "type": "object",
        "properties": {"a": {"anyOf": [{"$ref": "#/$defs/A"}, {"type": "null"}]}, "b": {"minimum": 1}},
        "$defs": {"A": {"type": "string", "pattern": "x"}},
        "additionalProperties": {"type": "string"},
    }
    assert input_schema(schema) == schema


def test_a_reference_at_the_root_is_followed() -> None:
    """Its definitions stay for the references deeper down."""
    made = input_schema({"$ref": "#/$defs/A", "$defs": {"A": {"type": "object", "properties": NAME}}})
    assert (made["type"], made["properties"]) == ("object", NAME)
    assert "$ref" not in made and "A" in made["$defs"]


def test_a_union_at_the_root_becomes_one_object() -> None:
    """What all branches demand stays demanded; the union itself is told in words."""
    branch = {"type": "object", "properties": {**NAME, "b": {}}, "required": ["b", "name"]}
    made = input_schema({"anyOf": [branch, {"properties": {"c": {}}, "required": ["name", "c"]}]})
    assert set(made["properties"]) == {"name", "b", "c"}
    assert made["required"] == ["name"]
    assert "anyOf" not in made and "anyOf" in made["description"]


def test_parts_at_the_root_are_merged() -> None:
    """allOf demands what each part demands."""
    made = input_schema({"allOf": [{"properties": NAME, "required": ["name"]}, {"properties": {"b": {}}}]})
    assert made == {"type": "object", "properties": {**NAME, "b": {}}, "required": ["name"]}


def test_older_drafts_are_rewritten() -> None:
    """The API takes draft 2020-12 only."""
    old = {"minimum": 1, "exclusiveMinimum": True, "items": [{"required": True}], "additionalItems": False}
    made = input_schema({"type": "object", "properties": {"a": old}})
    assert made["properties"]["a"] == {"exclusiveMinimum": 1, "prefixItems": [{}], "items": False}
    Draft202012Validator.check_schema(made)


def test_the_clients_schema_is_not_changed() -> None:
    """The document belongs to every attempt."""
    schema: dict[str, Any] = {"anyOf": [{"properties": NAME}]}
    input_schema(schema)
    assert schema == {"anyOf": [{"properties": NAME}]}


def test_a_reference_to_itself_ends() -> None:
    """A circle at the root is cut, not followed for ever."""
    assert input_schema({"$ref": "#"})["type"] == "object"
