"""JSON Schema as a tool's `input_schema` takes it: draft 2020-12 with a plain object at the root.

The API refuses a root without `type: object`, `oneOf`/`anyOf`/`allOf` at the root, and what draft 2020-12
does not allow ("input_schema does not support oneOf, allOf, or anyOf at the top level", "JSON schema is
invalid. It must match JSON Schema draft 2020-12"). Deeper down everything is taken as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from llm_gateway.adapters.dialects.anthropic_messages.members import object_member

Schema = dict[str, Any]

_COMBINATORS = ("allOf", "anyOf", "oneOf")
# Keywords whose value is a schema, a list of schemas, or a map of schemas (draft 2020-12 and its elders).
IN_ONE = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames")
IN_LIST = ("allOf", "anyOf", "oneOf", "prefixItems")
IN_MAP = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")


def input_schema(parameters: Any) -> Schema:
    """`parameters` of a hub function (None and `{}` mean: no arguments). The given schema is not changed."""
    if not isinstance(parameters, dict):
        return {"type": "object", "properties": {}}
    root = _object_root(modern(parameters))
    if not isinstance(root.get("properties"), dict):
        root["properties"] = {}
    return root


def subschemas(node: Schema) -> Iterator[Any]:
    """The schemas directly inside `node`, booleans included."""
    for name in IN_ONE:
        if isinstance(node.get(name), dict | bool):
            yield node[name]
    for name in IN_LIST:
        if isinstance(node.get(name), list):
            yield from node[name]
    for name in IN_MAP:
        if isinstance(node.get(name), dict):
            yield from node[name].values()


def resolve(ref: Any, root: Schema) -> Any:
    """What a local reference (`#`, `#/$defs/Name`) points at; None when it is not local or leads nowhere."""
    if not isinstance(ref, str) or not ref.startswith("#"):
        return None
    node: Any = root
    for step in ref[1:].strip("/").split("/") if ref[1:].strip("/") else ():
        step = step.replace("~1", "/").replace("~0", "~")
        node = node.get(step) if isinstance(node, dict) else None
    return node


def described(node: Schema, rest: Schema) -> Schema:
    """`node` with keywords that cannot be said moved to its description, where the model may heed them."""
    if not rest:
        return node
    note = msgspec.json.encode(rest).decode()
    description = node.get("description")
    return {**node, "description": f"{description}\n\n{note}" if description else note}


def modern(node: Any) -> Any:
    """The schema in draft 2020-12: what drafts 3 to 7 wrote differently is rewritten, on every level."""
    if not isinstance(node, dict):
        return node
    made = dict(node)
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(made.get(exclusive), bool) and made.pop(exclusive) and bound in made:
            made[exclusive] = made.pop(bound)
    if isinstance(made.get("items"), list):
        made["prefixItems"] = made.pop("items")
        if "additionalItems" in made:
            made["items"] = made.pop("additionalItems")
    if isinstance(made.get("required"), bool):
        del made["required"]
    for name in IN_ONE:
        if name in made:
            made[name] = modern(made[name])
    for name in IN_LIST:
        if isinstance(made.get(name), list):
            made[name] = [modern(item) for item in made[name]]
    for name in IN_MAP:
        if isinstance(made.get(name), dict):
            made[name] = {key: modern(value) for key, value in made[name].items()}
    return made


def _object_root(root: Schema) -> Schema:
    seen = 0
    while "$ref" in root and isinstance(target := resolve(root["$ref"], root), dict) and seen < 8:
        kept = {name: value for name, value in root.items() if name != "$ref"}
        root, seen = {**target, **kept}, seen + 1
    made = {name: value for name, value in root.items() if name not in _COMBINATORS}
    made["type"] = "object"
    lost: Schema = {}
    for name in _COMBINATORS:
        if not isinstance(root.get(name), list):
            continue
        branches = [_branch(branch, root) for branch in root[name]]
        _merge(made, branches, every=name == "allOf")
        if name != "allOf":
            lost[name] = root[name]
    return described(made, lost)


def _branch(branch: Any, root: Schema) -> Schema:
    if isinstance(branch, dict) and isinstance(target := resolve(branch.get("$ref"), root), dict):
        branch = target
    return branch if isinstance(branch, dict) else {}


def _merge(made: Schema, branches: list[Schema], *, every: bool) -> None:
    """Properties of all branches; required is what `every` branch or what all of them together demand."""
    properties = dict(object_member(made.get("properties")))
    for branch in branches:
        for name, schema in object_member(branch.get("properties")).items():
            properties.setdefault(name, schema)
    made["properties"] = properties
    demands = [set(_required(branch)) for branch in branches]
    if demands:
        common = set.union(*demands) if every else set.intersection(*demands)
        required = _required(made)
        required += sorted(name for name in common if name not in required and name in properties)
        if required:
            made["required"] = required


def _required(schema: Schema) -> list[str]:
    names = schema.get("required")
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
