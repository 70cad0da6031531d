"""Durations as people write them: `100ms`, `5s`, `2m`, `1h`, `1m30s`."""

from __future__ import annotations

import re

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)(ms|s|m|h|d)", re.ASCII)
LONGEST_S = 365 * 86400.0


def parse_duration(text: str) -> float:
    """Seconds. Raises ValueError for anything but numbers with units, and for more than a year.

    A bare number is refused: nothing says whether seconds or milliseconds are meant.
    """
    total = 0.0
    position = 0
    stripped = text.strip()
    while position < len(stripped):
        part = _PART.match(stripped, position)
        if part is None:
            break
        total += float(part[1]) * _SECONDS[part[2]]
        position = part.end()
    if not stripped or position != len(stripped):
        raise ValueError(f"{text!r} is not a duration; write a number with a unit, such as 100ms, 5s or 2m")
    if total > LONGEST_S:
        raise ValueError(f"{text!r} is longer than a year")
    return total
