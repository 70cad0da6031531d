"""A deterministic value that satisfies a JSON schema, for tool arguments and structured text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_DEEPEST = 8
_LONGEST = 1000
_BY_FORMAT = {
    "date": "2025-01-31",
    "date-time": "2025-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "email": "someone@example.com",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def sample(schema: Mapping[str, Any], name: str = "value") -> Any:
    """The value for `schema`; a free string is the property's own `name`.

    Follows `$ref` inside the document, `const`, `enum`, `default`, the first of `anyOf` / `oneOf` that is not
    null, bounds and lengths; `pattern` and `not` are not looked at. A schema that contains itself ends at
    eight levels, a length at 1,000. Google's upper-case type names are read as the lower-case ones.
    """
    return _Sampler(schema).value(schema, name, 0)


class _Sampler:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root

    def value(self, schema: Any, name: str, depth: int) -> Any:
        if not isinstance(schema, Mapping) or depth > _DEEPEST:
            return name if schema is True else None
        schema = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return schema["enum"][0]
        if "default" in schema:
            return schema["default"]
        for combiner in ("anyOf", "oneOf"):
            if schema.get(combiner):
                options = [self._resolved(option) for option in schema[combiner]]
                return self.value(
                    next((o for o in options if _type(o) != "null"), options[0]), name, depth + 1
                )
        if schema.get("allOf"):
            return self._merged(schema, name, depth)
        return self._typed(schema, name, depth)

    def _typed(self, schema: Mapping[str, Any], name: str, depth: int) -> Any:
        match _type(schema):
            case "object":
                return self._object(schema, depth)
            case "array":
                return [
                    self.value(schema.get("items", True), name, depth + 1)
                    for _ in range(min(max(1, int(schema.get("minItems", 1))), _LONGEST))
                ]
            case "integer":
                return int(_number(schema, 1))
            case "number":
                return _number(schema, 1.5)
            case "boolean":
                return True
            case "null":
                return None
        return _string(schema, name)

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        properties: Mapping[str, Any] = schema.get("properties") or {}
        names = properties if depth < 2 else [n for n in properties if n in schema.get("required", ())]
        return {name: self.value(properties[name], name, depth + 1) for name in names}

    def _merged(self, schema: Mapping[str, Any], name: str, depth: int) -> Any:
        parts = [self._resolved(part) for part in schema["allOf"]]
        values = [self.value(part, name, depth + 1) for part in parts]
        if all(isinstance(value, dict) for value in values):
            return {key: item for value in values for key, item in value.items()}
        return values[0]

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        for _ in range(_DEEPEST):
            reference = schema.get("$ref")
            if not isinstance(reference, str) or not reference.startswith("#"):
                return schema
            target: Any = self._root
            for step in reference.lstrip("#").strip("/").split("/"):
                if step:
                    target = target.get(step, {}) if isinstance(target, Mapping) else {}
            schema = target
        return {}


def _type(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((k for k in kind if k != "null"), "null")
    if isinstance(kind, str):
        return kind.lower()
    return "object" if "properties" in schema else "array" if "items" in schema else "string"


def _number(schema: Mapping[str, Any], usual: float) -> float:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is None and "exclusiveMinimum" in schema:
        low = schema["exclusiveMinimum"] + 1
    if low is not None and usual < low:
        return float(low) if isinstance(usual, float) else low
    return high if high is not None and usual > high else usual


def _string(schema: Mapping[str, Any], name: str) -> str:
    text = _BY_FORMAT.get(str(schema.get("format")), name)
    text = text.ljust(min(int(schema.get("minLength", 0)), _LONGEST), "x")
    return text[: int(schema["maxLength"])] if "maxLength" in schema else text
