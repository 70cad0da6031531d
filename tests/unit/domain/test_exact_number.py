"""exact_number: one notation for every encoder, and nothing lost."""

from __future__ import annotations

import json
import math
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_gateway.domain.canonical_json import canonical
from llm_gateway.domain.exact_number import SmallFloat, exact_float, exact_integer, exact_number


@settings(deadline=None)
@given(st.floats())
def test_every_float_comes_back(value: float) -> None:
    """Also after a way through canonical JSON; NaN as NaN, and minus zero as zero."""
    back = exact_float(json.loads(canonical(exact_number(value))))
    if math.isnan(value):
        assert math.isnan(back)
    elif value:
        assert struct.pack("d", back) == struct.pack("d", value)
    else:
        assert back == 0


@settings(deadline=None)
@given(st.floats(allow_nan=False))
def test_plain_floats_are_written_alike_by_everyone(value: float) -> None:
    """What is not marked as small has the same text in Python's notation and in ECMAScript's."""
    held = exact_number(value)
    if not isinstance(held, SmallFloat):
        assert json.dumps(held).encode() == canonical(held)


@pytest.mark.parametrize(
    ("value", "held"),
    [(1.0, 1), (0.5, 0.5), (2.0**53, "9007199254740992.0"), (math.inf, "inf"), (10**20, str(10**20))],
)
def test_the_form_of_a_number(value: float, held: float | str) -> None:
    """Integral floats are integers; beyond 2^53 - 1 numbers are strings."""
    assert exact_number(value) == held
    assert type(exact_number(value)) is type(held)


@settings(deadline=None)
@given(st.integers())
def test_every_integer_comes_back(value: int) -> None:
    """A client may ask for 10^30 tokens."""
    assert int(json.loads(canonical(exact_integer(value)))) == value
