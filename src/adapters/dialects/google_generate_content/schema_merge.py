"""Merging what Google's JSON Schema cannot say: `allOf`, and a `$ref` that has siblings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Siblings that Google lets stand beside a `$ref`, or that say nothing about the value.
_BESIDE_REF = frozenset({"$ref", "$defs", "definitions", "$id", "$anchor", "$schema", "$comment"})
# References put in place per schema: more would be a schema made to explode.
_MOST_EXPANSIONS = 256


class SchemaMerge:
    """Knows the root, where local references lead. `within` are references that are being put in place."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._left = _MOST_EXPANSIONS

    def merge(
        self, schema: Mapping[str, Any], within: frozenset[str]
    ) -> tuple[Mapping[str, Any], frozenset[str]]:
        """An equal schema without `allOf` and without siblings of `$ref`, and the new `within`.

        A reference that leads to itself, or out of the document, stays and loses its siblings.
        """
        rest = {name: value for name, value in schema.items() if name != "allOf"}
        parts = [part for part in _list(schema.get("allOf")) if isinstance(part, Mapping)]
        siblings = rest.keys() - _BESIDE_REF
        if len(parts) == 1 and not siblings and "$ref" not in rest and parts[0].keys() <= _BESIDE_REF:
            return {**rest, **parts[0]}, within
        if not parts and ("$ref" not in rest or not siblings):
            return rest, within
        merged: dict[str, Any] = {}
        for part in [*parts, rest]:
            placed, within = self._placed(part, within)
            if "allOf" in placed:
                placed, within = self.merge(placed, within)
            _fold(merged, placed)
        return merged, within

    def _placed(
        self, part: Mapping[str, Any], within: frozenset[str]
    ) -> tuple[Mapping[str, Any], frozenset[str]]:
        """`part` with its reference replaced by what it names."""
        reference = part.get("$ref")
        if not isinstance(reference, str):
            return part, within
        target = self._resolve(reference)
        if target is None or reference in within or self._left <= 0:
            return part, within
        self._left -= 1
        own = {name: value for name, value in part.items() if name != "$ref"}
        whole, within = self._placed(target, within | {reference})
        merged: dict[str, Any] = dict(whole)
        _fold(merged, own)
        return merged, within

    def _resolve(self, reference: str) -> Mapping[str, Any] | None:
        """What a local JSON pointer (`#/$defs/Pet`) names."""
        if not reference.startswith("#/"):
            return None
        node: Any = self._root
        for step in reference[2:].split("/"):
            key = step.replace("~1", "/").replace("~0", "~")
            node = node.get(key) if isinstance(node, Mapping) else None
        return node if isinstance(node, Mapping) else None


def _fold(into: dict[str, Any], part: Mapping[str, Any]) -> None:
    for name, value in part.items():
        if name in ("properties", "$defs", "definitions") and isinstance(value, Mapping):
            known = into.get(name)
            into[name] = {**known, **value} if isinstance(known, Mapping) else value
        elif name == "required" and isinstance(value, list):
            names = _list(into.get(name))
            into[name] = names + [item for item in value if item not in names]
        else:
            into[name] = value


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
