"""Durations are read exactly or refused."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_gateway.adapters.configuration.duration import parse_duration

UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("100ms", 0.1), ("5s", 5), ("2m", 120), ("1.5h", 5400), ("1m30s", 90), (" 1d ", 86400), ("0s", 0)],
)
def test_a_number_with_a_unit_is_seconds(text: str, seconds: float) -> None:
    """Units may be joined; space around is ignored."""
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "5", "s", "-5s", "5 s", "5sec", "1e3s", "5s,", "٣s", "5S", "1s2", "nan", "infs"]
)
def test_anything_else_is_refused_with_a_way_out(text: str) -> None:
    """A bare number is ambiguous and refused too."""
    with pytest.raises(ValueError, match="number with a unit"):
        parse_duration(text)


def test_more_than_a_year_is_refused() -> None:
    """Such a timeout is a typing mistake."""
    with pytest.raises(ValueError, match="longer than a year"):
        parse_duration("366d")


@given(st.integers(0, 3_000_000), st.sampled_from(sorted(UNITS)))
def test_every_whole_number_of_units_is_read_or_too_long(number: int, unit: str) -> None:
    """The value is number times unit."""
    expected = number * UNITS[unit]
    if expected <= 365 * 86400:
        assert parse_duration(f"{number}{unit}") == pytest.approx(expected)


@given(st.text(max_size=20))
def test_no_text_raises_anything_but_a_value_error(text: str) -> None:
    """Whatever is written, the answer is seconds or a refusal."""
    with contextlib.suppress(ValueError):
        assert 0 <= parse_duration(text) <= 365 * 86400
