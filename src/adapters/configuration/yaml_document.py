"""YamlDocument: a parsed YAML file as plain values, with the place where each one was written.

Only the tree is taken from YAML: null, true/false, numbers, strings, lists and mappings with string keys.
Size, depth and the growth that aliases cause are bounded, so that a file cannot blow up the process.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from llm_gateway.adapters.configuration.problem import Path, Problem

MAX_CHARACTERS = 4 * 1024 * 1024
MAX_DEPTH = 64
MAX_VALUES = 200_000

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SCALARS = yaml.SafeLoader("")
_PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float", "str", "seq", "map")
)
_STRING_TAG = "tag:yaml.org,2002:str"
_MERGE_TAG = "tag:yaml.org,2002:merge"
# A date stays what was written: `model: 2024-08-06` means that text.
_AS_TEXT = frozenset({"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value", _STRING_TAG})


class YamlRefused(ValueError):
    """The text is not a document that the gateway takes; `problem` says why and where."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.reason)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Place:
    """`line` is 1-based; `start` and `end` are character offsets of the value itself."""

    line: int
    start: int
    end: int


@dataclass(slots=True)
class YamlDocument:
    value: Any
    places: dict[Path, Place] = field(default_factory=dict)

    def line(self, path: Path) -> int | None:
        """The line of the value at `path`, or of the nearest enclosing one that was written."""
        for length in range(len(path), 0, -1):
            place = self.places.get(path[:length])
            if place is not None:
                return place.line
        return None


def parse_yaml(text: str) -> YamlDocument:
    """Raises YamlRefused for bad syntax, duplicate keys, foreign tags, and documents beyond the bounds.

    An empty file is an empty mapping.
    """
    if len(text) > MAX_CHARACTERS:
        raise YamlRefused(Problem(path=(), reason=f"the file is larger than {MAX_CHARACTERS} characters"))
    try:
        _check_shape(text)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        reason = f"not valid YAML: {exc.problem or exc.context}"
        # An unclosed bracket is noticed behind the last line.
        line = min(mark.line, text.count("\n")) + 1 if mark is not None else None
        raise YamlRefused(Problem(path=(), reason=reason, line=line)) from exc
    except (yaml.YAMLError, UnicodeError) as exc:
        raise YamlRefused(Problem(path=(), reason="not valid YAML: unreadable characters")) from exc
    document = YamlDocument({})
    if root is not None:
        document.value = _Reader(document.places).read(root, (), 0)
    return document


def _check_shape(text: str) -> None:
    """The composer recurses once a level, so depth is checked on the flat event stream first."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.DocumentStartEvent):
            documents += 1
        if depth > MAX_DEPTH or documents > 1:
            reason = "more than one YAML document" if documents > 1 else f"nested deeper than {MAX_DEPTH}"
            line = event.start_mark.line + 1 if event.start_mark is not None else None
            raise YamlRefused(Problem(path=(), reason=reason, line=line))


class _Reader:
    """Turns nodes into values. An alias is read again each time it is used, which `MAX_VALUES` bounds."""

    def __init__(self, places: dict[Path, Place]) -> None:
        self._places = places
        self._values = 0

    def read(self, node: yaml.Node, path: Path, depth: int) -> Any:
        self._values += 1
        if self._values > MAX_VALUES:
            raise self._refused(node, path[:4], f"more than {MAX_VALUES} values (aliases count each time)")
        if depth > MAX_DEPTH:
            reason = f"nested deeper than {MAX_DEPTH} (an alias inside its own anchor?)"
            raise self._refused(node, path[:4], reason)
        if node.tag not in _PLAIN_TAGS and node.tag not in _AS_TEXT:
            raise self._refused(node, path, f"the tag {node.tag!r} is not allowed")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, depth)
        if isinstance(node, yaml.SequenceNode):
            return self._sequence(node, path, depth)
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        written: set[str] = set()
        merged: list[yaml.Node] = []
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE_TAG:
                merged.append(value_node)
                continue
            key = self._key(key_node, path)
            if key in written:
                raise self._refused(key_node, (*path, key), f"duplicate key {key!r}")
            written.add(key)
            self._place(key_node, value_node, (*path, key))
            result[key] = self.read(value_node, (*path, key), depth + 1)
        for value_node in merged:
            self._merge(value_node, result, path, depth)
        return result

    def _merge(self, node: yaml.Node, into: dict[str, Any], path: Path, depth: int) -> None:
        """`<<: *base`: what the mapping does not say itself; the first of several wins."""
        sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
        for source in sources:
            if not isinstance(source, yaml.MappingNode):
                raise self._refused(source, path, "'<<' merges a mapping or a list of mappings")
            own, self._places = self._places, {}
            for key, value in self.read(source, path, depth + 1).items():
                into.setdefault(key, value)
            for at, place in self._places.items():
                own.setdefault(at, place)
            self._places = own

    def _sequence(self, node: yaml.SequenceNode, path: Path, depth: int) -> list[Any]:
        items = []
        for index, item in enumerate(node.value):
            self._place(item, item, (*path, index))
            items.append(self.read(item, (*path, index), depth + 1))
        return items

    def _scalar(self, node: yaml.Node, path: Path) -> Any:
        if node.tag in _AS_TEXT or ":" in node.value:  # YAML 1.1 would read 12:30 as 750
            return str(node.value)
        try:
            return _SCALARS.construct_object(node)
        except (ValueError, yaml.YAMLError) as exc:
            raise self._refused(node, path, f"{node.value[:40]!r} is not a value of its type") from exc

    def _key(self, node: yaml.Node, path: Path) -> str:
        if isinstance(node, yaml.ScalarNode) and node.tag in _AS_TEXT:
            return str(node.value)
        shown = repr(node.value) if isinstance(node, yaml.ScalarNode) else "a collection"
        raise self._refused(node, path, f"the key {shown} is not a string; put it in quotes")

    def _place(self, at: yaml.Node, value: yaml.Node, path: Path) -> None:
        self._places[path] = Place(at.start_mark.line + 1, value.start_mark.index, value.end_mark.index)

    def _refused(self, node: yaml.Node, path: Path, reason: str) -> YamlRefused:
        return YamlRefused(Problem(path=path, reason=reason, line=node.start_mark.line + 1))
