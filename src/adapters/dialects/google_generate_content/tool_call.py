"""Tool calls: Google's functionCall as OpenAI's `tool_calls[]`, whole or streamed argument by argument."""

from __future__ import annotations

import hashlib
import re
from itertools import pairwise
from typing import Any

import msgspec

from llm_gateway.adapters.dialects.google_generate_content.wire import FunctionCall, PartialArg, present

# RFC 9535 segments: .name, [0], ['name'], ["name"]
_SEGMENT = re.compile(
    r"""\.(?P<name>[^.\[\]]+)|\[(?P<index>\d+)\]|\['(?P<single>(?:[^'\\]|\\.)*)'\]"""
    r"""|\["(?P<double>(?:[^"\\]|\\.)*)"\]"""
)


class BadPath(ValueError):
    """A JSON path that leads nowhere: not a path, or past the end of its array."""


def call_id(seed: str, choice: int, ordinal: int) -> str:
    """An id for a call that came without one: the same for the same answer, whoever reads it.

    `seed` is the answer's id; `ordinal` counts the choice's calls.
    """
    digest = hashlib.blake2b(f"{seed}/{choice}/{ordinal}".encode(), digest_size=12)
    return f"call_{digest.hexdigest()}"


def arguments_of(call: FunctionCall) -> str:
    """The arguments' JSON text, compact, its numbers and strings untouched; `{}` when there are none."""
    raw = present(call.args)
    return msgspec.json.format(raw, indent=-1).decode() if raw else "{}"


class PartialArguments:
    """Arguments put together from `partialArgs`. `text` is their JSON."""

    __slots__ = ("_root",)

    def __init__(self, call: FunctionCall) -> None:
        """Raises msgspec.DecodeError when `call.args` is no object."""
        raw = present(call.args)
        self._root: dict[str, Any] = msgspec.json.decode(raw, type=dict[str, Any]) if raw else {}

    @property
    def text(self) -> str:
        return msgspec.json.encode(self._root).decode()

    def take(self, arg: PartialArg) -> None:
        """Raises BadPath. String pieces for one path are joined; an empty last piece changes nothing."""
        path = _path(arg.json_path)
        last = path[-1]
        node: Any = self._root
        for step, following in pairwise(path):
            node = _child(node, step, [] if isinstance(following, int) else {})
        value = _value(arg)
        before = _get(node, last)
        if isinstance(before, str) and isinstance(value, str):
            value = before + value
        _put(node, last, value)


def _path(path: str) -> list[str | int]:
    steps: list[str | int] = []
    position = 1 if path.startswith("$") else 0
    while position < len(path):
        match = _SEGMENT.match(path, position)
        if match is None:
            raise BadPath(path)
        position = match.end()
        if match["index"] is not None:
            steps.append(int(match["index"]))
        elif match["name"] is not None:
            steps.append(match["name"])
        else:
            steps.append(re.sub(r"\\(.)", r"\1", match["single"] or match["double"] or ""))
    if not steps or isinstance(steps[0], int):
        raise BadPath(path)
    return steps


def _get(node: Any, step: str | int) -> Any:
    if isinstance(step, int):
        return node[step] if isinstance(node, list) and step < len(node) else None
    return node.get(step) if isinstance(node, dict) else None


def _put(node: Any, step: str | int, value: Any) -> None:
    if isinstance(node, dict) and isinstance(step, str):
        node[step] = value
        return
    if not isinstance(node, list) or not isinstance(step, int) or step > len(node):
        raise BadPath(str(step))  # among others an index far past the end, which would cost memory to honour
    node[step : step + 1] = [value]


def _child(node: Any, step: str | int, empty: Any) -> Any:
    child = _get(node, step)
    if child is None:
        child = empty
        _put(node, step, child)
    return child


def _value(arg: PartialArg) -> Any:
    if arg.string_value is not None:
        return arg.string_value
    if arg.number_value is not None:
        return arg.number_value
    return arg.bool_value
