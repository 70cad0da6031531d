"""`Retry-After` and its relatives, read defensively."""

from __future__ import annotations

import math
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

LONGEST_S = 24 * 3600.0


def retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Seconds to wait, 0 ≤ s ≤ 24 h, or None when the headers (lower-case names) do not say.

    `retry-after-ms` (OpenAI, Azure) wins over `retry-after`, which is either seconds or an HTTP date
    (RFC 9110 §10.2.3); a date needs `now` (Unix seconds) or, without it, the answer's own `date` header.
    Nonsense is None; a negative number or a date in the past is 0.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return _bounded(milliseconds / 1000)
    value = headers.get("retry-after")
    if value is None:
        return None
    seconds = _number(value)
    if seconds is not None:
        return _bounded(seconds)
    at = _date(value)
    reference = now if now is not None else _date(headers.get("date"))
    return _bounded(at - reference) if at is not None and reference is not None else None


def _number(value: str | None) -> float | None:
    try:
        number = float(value) if value is not None else math.nan
    except ValueError:
        return None
    return None if math.isnan(number) else number


def _date(value: str | None) -> float | None:
    if value is None:
        return None
    try:
        return parsedate_to_datetime(value).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), LONGEST_S)
