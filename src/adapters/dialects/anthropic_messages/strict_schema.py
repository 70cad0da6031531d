"""JSON Schema as structured outputs and strict tools take it: closed objects, `anyOf`, few constraints.

Source: structured outputs guide ("JSON Schema limitations") and what Anthropic's own SDKs do before they
send a schema: unsupported constraints go to the description, `oneOf` becomes `anyOf`, every object is
closed.
"""

from __future__ import annotations

from typing import Any

from llm_gateway.adapters.dialects.anthropic_messages.json_schema import (
    Schema,
    described,
    resolve,
    subschemas,
)

_FORMATS = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"}
)
_KEPT = frozenset({"type", "description", "title", "enum", "const"})
_NO_MEANING = frozenset({"$schema", "$id", "$comment", "$anchor"})
_DEFINITIONS = ("$defs", "definitions")
_PRIMITIVE = (str, int, float, bool, type(None))


def expressible(root: Any) -> bool:
    """Whether closing every object loses nothing: no open maps, no recursion, no foreign references."""
    return isinstance(root, dict) and _expressible(root, root, (), set())


def _expressible(node: Any, root: Schema, above: tuple[str, ...], seen: set[str]) -> bool:
    if not isinstance(node, dict) or not node:
        return False
    if "$ref" in node:
        ref = node["$ref"]
        if not isinstance(ref, str) or ref in above:
            return False
        if ref not in seen:
            seen.add(ref)
            return _expressible(resolve(ref, root), root, (*above, ref), seen)
        return True
    if _is_open(node) or "prefixItems" in node or isinstance(node.get("items"), list):
        return False
    inner = {name: value for name, value in node.items() if name not in _DEFINITIONS}
    return all(_expressible(child, root, above, seen) for child in subschemas(inner) if child is not False)


def _is_open(node: Schema) -> bool:
    """An object that may hold members which the schema does not name."""
    if not _has_type(node, "object"):
        return False
    more = node.get("additionalProperties")
    return (
        more not in (None, False)
        or "patternProperties" in node
        or (more is None and not node.get("properties"))
    )


def strict_schema(node: Any) -> Any:
    """A closed copy of `node`; objects that were open are closed too (see `expressible`)."""
    if not isinstance(node, dict):
        return node
    made: Schema = {}
    for name in _DEFINITIONS:
        if isinstance(node.get(name), dict):
            made[name] = {key: strict_schema(value) for key, value in node[name].items()}
    if "$ref" in node:
        return {**made, "$ref": node["$ref"]}
    rest = {
        name: value for name, value in node.items() if name not in _NO_MEANING and name not in _DEFINITIONS
    }
    made |= {name: rest.pop(name) for name in _KEPT if name in rest}
    _take_combinators(made, rest)
    if _has_type(node, "object"):
        _take_object(made, rest)
    if _has_type(node, "array"):
        _take_array(made, rest)
    if isinstance(rest.get("format"), str) and rest["format"] in _FORMATS:
        made["format"] = rest.pop("format")
    enum = made.get("enum", [])
    if not isinstance(enum, list) or not all(isinstance(value, _PRIMITIVE) for value in enum):
        rest["enum"] = made.pop("enum")
    return described(made, rest)


def _take_combinators(made: Schema, rest: Schema) -> None:
    choices = rest.pop("anyOf", None) or rest.pop("oneOf", None)
    if isinstance(choices, list):
        made["anyOf"] = [strict_schema(choice) for choice in choices]
    if isinstance(parts := rest.pop("allOf", None), list):
        made["allOf"] = [strict_schema(part) for part in parts]


def _take_object(made: Schema, rest: Schema) -> None:
    made.setdefault("type", "object")
    properties = rest.pop("properties", None)
    made["properties"] = {
        name: strict_schema(schema)
        for name, schema in (properties if isinstance(properties, dict) else {}).items()
    }
    if isinstance(required := rest.pop("required", None), list):
        made["required"] = required
    if rest.get("additionalProperties") in (False, None):
        rest.pop("additionalProperties", None)
    made["additionalProperties"] = False


def _take_array(made: Schema, rest: Schema) -> None:
    made.setdefault("type", "array")
    if isinstance(items := rest.get("items"), dict):
        made["items"] = strict_schema(items)
        del rest["items"]
    if rest.get("minItems") in (0, 1):
        made["minItems"] = rest.pop("minItems")


def _has_type(node: Schema, name: str) -> bool:
    kind = node.get("type")
    if kind is None:
        return ("properties" if name == "object" else "items") in node
    return name in kind if isinstance(kind, list) else kind == name
