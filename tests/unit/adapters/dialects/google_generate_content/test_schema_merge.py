"""Merging allOf and references with siblings."""

from __future__ import annotations

from typing import Any

from llm_gateway.adapters.dialects.google_generate_content.schema import adapt_schema


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def test_siblings_of_a_reference_bring_its_definition_in_place() -> None:
    """Google lets nothing stand beside a `$ref`."""
    color = {"type": "string", "enum": ["red", "blue"]}
    schema = {**_object(c={"$ref": "#/$defs/Color", "description": "Of the car"}), "$defs": {"Color": color}}
    assert adapt_schema(schema)["properties"]["c"] == {**color, "description": "Of the car"}


def test_all_of_is_folded_into_one() -> None:
    """Properties and required add up."""
    left = {**_object(a={"type": "integer"}), "required": ["a"]}
    right = {**_object(b={"type": "string"}), "required": ["b"]}
    schema = {"allOf": [left, {"$ref": "#/$defs/R"}], "$defs": {"R": right}}
    adapted = adapt_schema(schema)
    assert (set(adapted["properties"]), adapted["required"]) == ({"a", "b"}, ["a", "b"])
    assert "allOf" not in adapted


def test_a_cyclic_reference_loses_its_siblings_and_stays() -> None:
    """Putting it in place would never end."""
    child = {"$ref": "#/$defs/Node", "description": "left"}
    schema = {"$ref": "#/$defs/Node", "$defs": {"Node": _object(left=child)}}
    assert adapt_schema(schema)["$defs"]["Node"]["properties"]["left"] == {"$ref": "#/$defs/Node"}


def test_references_around_a_corner_end_too() -> None:
    """A holds B, which holds A, both with siblings."""
    a = _object(b={"$ref": "#/$defs/B", "title": "b"})
    b = _object(a={"$ref": "#/$defs/A", "title": "a"})
    schema = {"$ref": "#/$defs/A", "title": "root", "$defs": {"A": a, "B": b}}
    inner = adapt_schema(schema)["properties"]["b"]["properties"]["a"]
    assert inner == {"$ref": "#/$defs/A"}


def test_a_schema_made_to_explode_does_not() -> None:
    """Each level names the next one four times: 4^40 in full."""
    names = [f"L{n}" for n in range(40)]
    levels = {
        name: _object(**{p: {"$ref": f"#/$defs/{following}", "title": p} for p in "abcd"})
        for name, following in zip(names, [*names[1:], "L0"], strict=True)
    }
    adapted = adapt_schema({"$ref": "#/$defs/L0", "title": "root", "$defs": levels})
    assert adapted["title"] == "root"


def test_a_reference_out_of_the_document_stays() -> None:
    """Nothing is fetched."""
    outside = {"$ref": "https://x.test/schema.json", "description": "d"}
    assert adapt_schema(_object(x=outside))["properties"]["x"] == {"$ref": "https://x.test/schema.json"}
