"""Ids of configuration versions: readable, and in order of time when sorted as text."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_ID = re.compile(r"\d{8}T\d{12}Z-\d{3}", re.ASCII)


def version_id(recorded_at: float, newest: str | None) -> str:
    """`20260131T120000123456Z-000`; the last part counts on when the clock has not moved past `newest`."""
    stamp = datetime.fromtimestamp(recorded_at, UTC).strftime("%Y%m%dT%H%M%S%fZ")
    if newest is None or f"{stamp}-000" > newest:
        return f"{stamp}-000"
    stamp, _, number = newest.rpartition("-")
    return f"{stamp}-{int(number) + 1:03d}"


def is_version_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None
