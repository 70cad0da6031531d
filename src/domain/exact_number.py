"""Numbers of an event, in the one form that every JSON encoder writes alike.

RFC 8785 writes 1.0 as `1` and 1e-7 as `1e-7`; fast encoders write `1.0` and have their own notation for
small numbers. So integral floats become integers, and the rare float whose notation differs is marked by
its type, for an encoder to write it canonically.
"""

from __future__ import annotations

from llm_gateway.domain.canonical_json import LARGEST_INTEGER

# From here to 2^53 the shortest decimal of a double has no exponent in any notation.
_SMALLEST_PLAIN = 1e-4


class SmallFloat(float):
    """A float below 1e-4: encoders must write it as `canonical_json.number` does."""

    __slots__ = ()


def exact_number(value: float) -> int | float | str:
    """`value` as an event holds it; `exact_float` is the inverse.

    Beyond ±(2^53 - 1), and for NaN and infinity, it is a string (contract: larger numbers are strings).
    """
    if type(value) is int:
        return value if -LARGEST_INTEGER <= value <= LARGEST_INTEGER else str(value)
    if not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
        return repr(float(value))
    if value == int(value):
        return int(value)
    if -_SMALLEST_PLAIN < value < _SMALLEST_PLAIN:
        return SmallFloat(value)
    return float(value)


def exact_integer(value: int) -> int | str:
    """An integer as an event holds it: a string beyond ±(2^53 - 1). `int()` is the inverse."""
    return value if -LARGEST_INTEGER <= value <= LARGEST_INTEGER else str(value)


def exact_float(value: float | str) -> float:
    """The float that `exact_number` was given. Raises ValueError for a string that is no number."""
    return float(value)
