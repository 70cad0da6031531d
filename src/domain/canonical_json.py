"""Canonical JSON (RFC 8785): the one byte sequence that a JSON value has, so that it can be hashed.

Strings are compared by UTF-16 code units and numbers are written as ECMAScript writes them, which is
neither Python's key order nor Python's `repr`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from hashlib import sha256

_UNSUPPORTED = "canonical JSON cannot hold a value of type"
LARGEST_INTEGER = 2**53 - 1

# Shortest escapes, everything else literal: what RFC 8785 section 3.2.2.2 asks for.
_quote = json.JSONEncoder(ensure_ascii=False).encode


def canonical(value: object) -> bytes:
    """UTF-8 bytes of `value` (None, bool, int, float, str, list, tuple, mapping with string keys).

    Raises ValueError for what I-JSON (RFC 7493) cannot hold exactly: NaN, infinity, an integer beyond
    ±(2^53 - 1), a lone surrogate; TypeError for any other type or a key that is not a string.
    """
    return _text(value).encode("utf-8")


def digest(value: object) -> str:
    """SHA-256 of `canonical(value)` as 64 lower-case hexadecimal digits."""
    return sha256(canonical(value)).hexdigest()


def _text(value: object) -> str:
    if isinstance(value, str):
        return _quote(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, float):
        return number(value)
    if isinstance(value, list | tuple):
        return "[" + ",".join([_text(item) for item in value]) + "]"
    if isinstance(value, Mapping):
        return "{" + ",".join([f"{_quote(key)}:{_text(value[key])}" for key in _sorted_keys(value)]) + "}"
    raise TypeError(f"{_UNSUPPORTED} {type(value).__name__}")


def _sorted_keys(value: Mapping[object, object]) -> list[str]:
    keys: list[str] = []
    for key in value:
        if not isinstance(key, str):
            raise TypeError(f"{_UNSUPPORTED} {type(key).__name__} as a key")
        keys.append(key)
    if "".join(keys).isascii():
        return sorted(keys)
    return sorted(keys, key=lambda key: key.encode("utf-16-be"))


def _integer(value: int) -> str:
    if not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
        raise ValueError(f"integer {value} is beyond 2^53 - 1: write it as a string")
    return str(int(value))


def number(value: float) -> str:
    """ECMAScript's Number::toString (ECMA-262 section 6.1.6.1.20) for a finite double.

    Python's `repr` finds the same shortest digits (both ask for the closest shortest decimal); only
    the notation differs.
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} has no JSON form")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(float(value))).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = fraction.rstrip("0")
    digits = (whole + fraction).lstrip("0")
    # value = 0.digits × 10^point
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    return sign + _notation(digits, point)


def _notation(digits: str, point: int) -> str:
    # The cases in the order of ECMA-262.
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    exponent = f"e{point - 1:+d}"
    if len(digits) == 1:
        return digits + exponent
    return f"{digits[0]}.{digits[1:]}{exponent}"
