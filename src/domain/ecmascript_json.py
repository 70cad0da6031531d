"""JSON as ECMAScript reads and prints it: what a peer written in JavaScript has signed.

`stringify(parse(text))` is `JSON.stringify(JSON.parse(text))` (ECMA-262 sections 25.5.1 and 25.5.2). Unlike
canonical JSON it keeps members in their order, and it has no value that it cannot print.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any, Never

from llm_gateway.domain.canonical_json import LARGEST_INTEGER, number

_quote = json.JSONEncoder(ensure_ascii=False).encode
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
# Canonical numeric strings up to 2^32 - 2 are array indices (ECMA-262 section 6.1.7).
_INDEX = re.compile("0|[1-9][0-9]{0,9}")
_LARGEST_INDEX = 2**32 - 2


def parse(text: str) -> Any:
    """Every number is a double, infinite when it is too large for one; of members with the same name the
    first gives the place and the last the value. Raises ValueError, and RecursionError for absurd nesting."""
    return _decode(text)


def stringify(value: Any) -> str:
    """The compact text of what `parse` gives, without ASCII escapes but for lone surrogates (25.5.2.3)."""
    text = _text(value)
    return _LONE_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")


_decode = json.JSONDecoder(parse_int=float, parse_float=float, parse_constant=_refuse_constant).decode


def _text(value: Any) -> str:
    if isinstance(value, str):
        return _quote(value)
    if isinstance(value, float):
        return _number(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ",".join([_text(item) for item in value]) + "]"
    return "{" + ",".join([f"{_quote(key)}:{_text(value[key])}" for key in _property_order(value)]) + "}"


def _number(value: float) -> str:
    if not math.isfinite(value):
        return "null"
    if value.is_integer() and -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
        return str(int(value))  # as `number` writes it, in a tenth of the time: an upload may be all integers
    return number(value)


def _property_order(members: Mapping[str, Any]) -> Iterable[str]:
    """Array indices first, ascending, then the others as they came (OrdinaryOwnPropertyKeys, 10.1.11.1)."""
    indices = sorted(int(key) for key in members if _is_index(key))
    if not indices:
        return members
    return [*map(str, indices), *(key for key in members if not _is_index(key))]


def _is_index(key: str) -> bool:
    return _INDEX.fullmatch(key) is not None and int(key) <= _LARGEST_INDEX
