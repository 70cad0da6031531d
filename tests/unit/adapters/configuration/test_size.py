"""Sizes are read exactly or refused."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_gateway.adapters.configuration.size import parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("1024", 1024),
        ("512KiB", 524288),
        ("32MiB", 33554432),
        ("1GiB", 2**30),
        ("10MB", 10**7),
        ("1.5 KiB", 1536),
    ],
)
def test_a_number_with_a_unit_is_bytes(text: str, size: int) -> None:
    """Binary and decimal units are different things; no unit means bytes."""
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "MiB", "-1MiB", "1mib", "1M", "1 MiB x", "1e3", "١KiB"])
def test_unknown_units_and_nonsense_are_refused(text: str) -> None:
    """`1M` could be either, so it is neither."""
    with pytest.raises(ValueError, match="is not a size"):
        parse_size(text)


@pytest.mark.parametrize(("text", "reason"), [("0.3B", "whole number"), ("9000000TiB", "larger than")])
def test_parts_of_bytes_and_absurd_sizes_are_refused(text: str, reason: str) -> None:
    """Integers stay below 2^53."""
    with pytest.raises(ValueError, match=reason):
        parse_size(text)


@given(st.integers(0, 2**23))
def test_mebibytes_are_exact(number: int) -> None:
    """No float gets in between."""
    assert parse_size(f"{number}MiB") == number * 2**20


@given(st.text(max_size=20))
def test_no_text_raises_anything_but_a_value_error(text: str) -> None:
    """Whatever is written, the answer is bytes or a refusal."""
    with contextlib.suppress(ValueError):
        assert 0 <= parse_size(text) <= 2**53
