"""JSON Schema as Google takes it in `parametersJsonSchema` and `responseJsonSchema`.

google-genai documents the accepted keywords at `GenerateContentConfig.response_json_schema`: $id, $defs,
$ref, $anchor, type, format, title, description, enum (strings and numbers), items, prefixItems, minItems,
maxItems, minimum, maximum, anyOf, oneOf, properties, additionalProperties, required, propertyOrdering; a
`$ref` has no siblings but `$` ones. Recorded requests answered with 200 (models 2.0 to 3, Gemini API and
Vertex AI) show that the rest of `_KEPT` is accepted as well. Everything else is said in accepted words where
that is possible, otherwise in the description, so that the model still knows. Only schema positions are
touched: a property that happens to be called `const` is a property.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from llm_gateway.adapters.dialects.google_generate_content.schema_merge import SchemaMerge

_KEPT = frozenset(
    {
        "$anchor",
        "$id",
        "$ref",
        "default",
        "description",
        "enum",
        "format",
        "maxItems",
        "maxLength",
        "maximum",
        "minItems",
        "minLength",
        "minimum",
        "pattern",
        "propertyOrdering",
        "required",
        "title",
        "type",
        "uniqueItems",
    }
)
# Constraints without an accepted equivalent: told to the model in words.
_TOLD = (
    "multipleOf",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minProperties",
    "maxProperties",
    "patternProperties",
    "propertyNames",
    "dependentRequired",
    "contains",
    "not",
)
_LISTS = ("anyOf", "oneOf", "prefixItems")
_DEEPEST = 64


def adapt_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A new schema; `schema` is not changed. Argument values (`default`, `enum`) are taken as they are."""
    return _Adapter(schema).adapt(schema, 0, frozenset())


def adapt_parameters(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A function's parameters: an object at the root, said so even when the client did not."""
    adapted = adapt_schema(schema)
    if not adapted.keys() & {"type", "$ref", "anyOf", "oneOf"}:
        adapted = {"type": "object", **adapted}
    return adapted


class _Adapter:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self._merge = SchemaMerge(root).merge

    def adapt(self, schema: Any, depth: int, within: frozenset[str]) -> dict[str, Any]:
        if not isinstance(schema, Mapping) or depth > _DEEPEST:
            return {}  # `true`, or nesting that no compiler would follow: anything goes
        schema, within = self._merge(schema, within)
        adapted = {name: value for name, value in schema.items() if name in _KEPT}
        if "$ref" in adapted:
            _only_reference(adapted)
        else:
            self._subschemas(schema, adapted, depth + 1, within)
            _constant(schema, adapted)
            _bounds(schema, adapted)
            _enumeration(adapted)
            _tell(schema, adapted)
        self._definitions(schema, adapted, depth + 1, within)
        return adapted

    def _subschemas(
        self, schema: Mapping[str, Any], adapted: dict[str, Any], depth: int, within: frozenset[str]
    ) -> None:
        for name in _LISTS:
            if isinstance(schema.get(name), list):
                adapted[name] = [self.adapt(item, depth, within) for item in schema[name]]
        if isinstance(properties := schema.get("properties"), Mapping):
            adapted["properties"] = {
                key: self.adapt(value, depth, within) for key, value in properties.items()
            }
        items = schema.get("items")
        if isinstance(items, list):  # a tuple, as written before draft 2020-12
            adapted["prefixItems"] = [self.adapt(item, depth, within) for item in items]
        elif items is not None and items is not False:
            adapted["items"] = self.adapt(items, depth, within)
        extra = schema.get("additionalProperties")
        if isinstance(extra, bool):
            adapted["additionalProperties"] = extra
        elif isinstance(extra, Mapping):
            adapted["additionalProperties"] = self.adapt(extra, depth, within)

    def _definitions(
        self, schema: Mapping[str, Any], adapted: dict[str, Any], depth: int, within: frozenset[str]
    ) -> None:
        definitions = {}
        for name in ("definitions", "$defs"):
            if isinstance(schema.get(name), Mapping):
                for key, value in schema[name].items():
                    definitions[key] = self.adapt(value, depth, within | {f"#/{name}/{key}"})
        if definitions:
            adapted["$defs"] = definitions


def _only_reference(adapted: dict[str, Any]) -> None:
    reference = adapted["$ref"]
    if isinstance(reference, str):
        adapted["$ref"] = reference.replace("#/definitions/", "#/$defs/")
    for name in [name for name in adapted if not name.startswith("$")]:
        del adapted[name]


def _constant(schema: Mapping[str, Any], adapted: dict[str, Any]) -> None:
    if "const" not in schema:
        return
    value = schema["const"]
    if value is None:
        adapted["type"] = "null"
    else:
        adapted["enum"] = [value]
        adapted.setdefault("type", _type_of(value))


def _bounds(schema: Mapping[str, Any], adapted: dict[str, Any]) -> None:
    """Over integers an exclusive bound is the next inclusive one; over numbers it is told besides."""
    for name, inclusive, step in (("exclusiveMinimum", "minimum", 1), ("exclusiveMaximum", "maximum", -1)):
        bound = schema.get(name)
        if isinstance(bound, bool) or not isinstance(bound, int | float):
            continue
        if schema.get("type") == "integer" and float(bound).is_integer():
            bound = int(bound) + step
        known = adapted.get(inclusive)
        if isinstance(known, int | float) and not isinstance(known, bool):
            bound = max(bound, known) if step > 0 else min(bound, known)
        adapted[inclusive] = bound


def _enumeration(adapted: dict[str, Any]) -> None:
    """`enum` holds strings and numbers only: null becomes a type, anything else leaves the type alone."""
    values = adapted.get("enum")
    if not isinstance(values, list):
        adapted.pop("enum", None)
        return
    plain = [
        value for value in values if isinstance(value, str | int | float) and not isinstance(value, bool)
    ]
    if len(plain) == len(values):
        return
    kinds = adapted.get("type")
    if kinds is None:
        kinds = list(dict.fromkeys(_type_of(value) for value in values))
    elif None in values:
        kinds = [*(kinds if isinstance(kinds, list) else [kinds])]
        kinds += [] if "null" in kinds else ["null"]
    adapted["type"] = kinds[0] if isinstance(kinds, list) and len(kinds) == 1 else kinds
    if plain and all(value is None or value in plain for value in values):
        adapted["enum"] = plain
    else:
        del adapted["enum"]
        _say(adapted, "enum", values)


def _tell(schema: Mapping[str, Any], adapted: dict[str, Any]) -> None:
    whole = schema.get("type") == "integer"
    for name in _TOLD:
        if name not in schema or (whole and name.startswith("exclusive")):
            continue
        _say(adapted, name, schema[name])


def _say(adapted: dict[str, Any], name: str, value: Any) -> None:
    said = f"{name}: {msgspec.json.encode(value).decode()}"
    before = adapted.get("description")
    adapted["description"] = f"{before} ({said})" if isinstance(before, str) and before else said


def _type_of(value: Any) -> str:
    for kind, name in (
        (bool, "boolean"),
        (int, "integer"),
        (float, "number"),
        (str, "string"),
        (list, "array"),
    ):
        if isinstance(value, kind):
            return name
    return "null" if value is None else "object"
