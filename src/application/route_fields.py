"""Checks for the members of a route request: each gives the value in its one form, or names its path."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Never, TypeVar

from llm_gateway.domain.capability import Capability
from llm_gateway.domain.errors import InvalidRequest

T = TypeVar("T")
_LONGEST_MODEL = 256
_LONGEST_TEXT = 256
_MOST_ITEMS = 64
_LARGEST = 2**53
_REQUEST_ID = re.compile(r"[!-~]{1,128}").fullmatch


def optional(check: Callable[[Any, str], T]) -> Callable[[Any, str], T | None]:
    """null is the same as not said."""
    return lambda value, path: None if value is None else check(value, path)


def mapping(value: Any, path: str) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else _wrong("an object", path)


def known(members: Mapping[str, Any], path: str, names: set[str]) -> Mapping[str, Any]:
    for name in members:
        if name not in names:
            raise InvalidRequest(
                f"unknown field {path}.{name}; there may be {', '.join(sorted(names))}",
                param=f"{path}.{name}",
                code="unknown_parameter",
            )
    return members


def model(value: Any, path: str) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= _LONGEST_MODEL:
        _wrong(f"text of 1 to {_LONGEST_MODEL} characters", path)
    return str(value)


def text(value: Any, path: str) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= _LONGEST_TEXT:
        _wrong(f"text of 1 to {_LONGEST_TEXT} characters", path)
    return str(value)


def request_id(value: Any, path: str) -> str:
    if not isinstance(value, str) or not _REQUEST_ID(value):
        _wrong("1 to 128 printable ASCII characters", path)
    return str(value)


def word(value: Any, path: str) -> str:
    """Text, or a number or truth value in JSON's spelling: callers write priorities both ways."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else text(value, path)


def words(value: Any, path: str) -> tuple[tuple[str, str], ...]:
    """An object of words, sorted by name. Members that are no words are something that no rule looks at."""
    members = mapping(value, path).items()
    simple = ((name, member) for name, member in members if isinstance(member, str | int | float))
    return tuple(
        sorted((name, member if isinstance(member, str) else word(member, path)) for name, member in simple)
    )


def headers(value: Any, path: str) -> tuple[tuple[str, str], ...]:
    found = mapping(value, path).items()
    for name, content in found:
        if not isinstance(content, str):
            _wrong("text", f"{path}.{name}")
    return tuple(sorted((name.lower(), content) for name, content in found))


def flag(value: Any, path: str) -> bool:
    return value if isinstance(value, bool) else _wrong("true or false", path)


def count(value: Any, path: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LARGEST:
        return value
    return _wrong("a whole number of at least 0", path)


def amount(value: Any, path: str) -> str:
    """US dollars; 0.10, 0.1 and "0.1" are the same amount."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        _wrong("an amount in US dollars", path)
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        _wrong("an amount in US dollars", path)
    if not number.is_finite() or number < 0 or not -18 <= number.adjusted() <= 12:
        _wrong("an amount in US dollars", path)
    return f"{number.normalize():f}"


def texts(value: Any, path: str) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or len(value) > _MOST_ITEMS:
        _wrong(f"a list of at most {_MOST_ITEMS} texts", path)
    return tuple(text(item, f"{path}[{index}]") for index, item in enumerate(value))


def capabilities(value: Any, path: str) -> frozenset[Capability]:
    vocabulary = {capability.value: capability for capability in Capability}
    names = texts(value, path)
    for index, name in enumerate(names):
        if name not in vocabulary:
            _wrong(f"one of {', '.join(vocabulary)}", f"{path}[{index}]")
    return frozenset(vocabulary[name] for name in names)


def _wrong(expected: str, path: str) -> Never:
    raise InvalidRequest(f"{path}: expected {expected}", param=path, code="invalid_type")
