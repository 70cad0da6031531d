"""Retry-After, read defensively."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_gateway.adapters.provider_kit.retry_after import LONGEST_S, retry_after

_DATE = "Sun, 06 Nov 1994 08:49:37 GMT"
_DATE_S = 784111777.0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("0", 0.0), ("2", 2.0), ("1.5", 1.5), (" 3 ", 3.0), ("-4", 0.0), ("1e9", LONGEST_S)],
)
def test_seconds(value: str, seconds: float) -> None:
    """Whole or not, bounded to a day, never negative."""
    assert retry_after({"retry-after": value}) == seconds


@pytest.mark.parametrize("value", ["", "soon", "nan", "10 seconds", "Sun, 99 Nov 1994 08:49:37 GMT"])
def test_nonsense_says_nothing(value: str) -> None:
    """None, not zero: zero would mean at once."""
    assert retry_after({"retry-after": value}) is None


def test_absence_says_nothing() -> None:
    """No header, no wait."""
    assert retry_after({}) is None


def test_milliseconds_win() -> None:
    """OpenAI and Azure send both, and these are the exact ones."""
    assert retry_after({"retry-after": "2", "retry-after-ms": "1250"}) == 1.25


def test_nonsense_milliseconds_leave_the_seconds() -> None:
    """One bad header does not hide the good one."""
    assert retry_after({"retry-after": "2", "retry-after-ms": "x"}) == 2.0


def test_a_date_is_counted_from_now() -> None:
    """RFC 9110 §10.2.3."""
    assert retry_after({"retry-after": _DATE}, now=_DATE_S - 30) == 30.0
    assert retry_after({"retry-after": _DATE}, now=_DATE_S + 30) == 0.0


def test_a_date_is_counted_from_the_answers_own() -> None:
    """No clock is needed, and the clocks of both sides need not agree."""
    headers = {"retry-after": _DATE, "date": "Sun, 06 Nov 1994 08:49:30 GMT"}
    assert retry_after(headers) == 7.0


def test_a_date_without_any_reference_says_nothing() -> None:
    """It cannot be told how far off it is."""
    assert retry_after({"retry-after": _DATE}) is None


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=30))
def test_any_text_is_survived(seconds: str, milliseconds: str, date: str) -> None:
    """None or a wait within the bounds."""
    wait = retry_after({"retry-after": seconds, "retry-after-ms": milliseconds, "date": date})
    assert wait is None or 0 <= wait <= LONGEST_S
