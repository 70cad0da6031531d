"""Deadline: how long a request may take, from what its client said and what configuration allows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

# Every header that is read, so that whoever collects headers knows which to keep.
DEADLINE_HEADERS = (
    "x-request-timeout",
    "x-request-timeout-ms",
    "x-stainless-read-timeout",
    "x-stainless-timeout",
)
RETRY_COUNT_HEADER = "x-stainless-retry-count"

_UNITS = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0}
_DURATION = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)\s*(ms|s|m|)", re.ASCII)
_MOST_RETRIES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """Seconds. `total` bounds the whole request; `first_byte`, when set, the wait for the answer's start.

    `ignored` says in words which header was not followed or was cut, and why; it holds no header value.
    """

    total: float
    first_byte: float | None = None
    ignored: tuple[str, ...] = ()


def read_deadline(headers: Mapping[str, str], *, configured: float, longest: float) -> Deadline:
    """The deadline of a request with these headers (lower-case names).

    `x-request-timeout` is a number of seconds, or one with its unit (`30`, `1.5s`, `800ms`, `2m`);
    `x-request-timeout-ms` is milliseconds and comes second. Without either it is `configured`; `longest`
    bounds both.

    `x-stainless-read-timeout` (OpenAI's and Anthropic's Python SDK: httpx's read timeout, seconds, may
    be fractional) and `x-stainless-timeout` (their TypeScript SDKs: whole seconds, up to the response
    head; Anthropic's Python SDK sends the word NOT_GIVEN here) say after how much silence that client
    hangs up. They bound the wait for the first byte only: a stream may well run longer.
    """
    ignored: list[str] = []
    total = _first(headers, (("x-request-timeout", ""), ("x-request-timeout-ms", "ms")), ignored)
    first_byte = _first(headers, (("x-stainless-read-timeout", ""), ("x-stainless-timeout", "")), ignored)
    if total is None:
        total = configured
    if total > longest:
        if total != configured:
            ignored.append("x-request-timeout: cut to the longest allowed")
        total = longest
    if first_byte is not None and first_byte >= total:
        first_byte = None
    return Deadline(total=total, first_byte=first_byte, ignored=tuple(ignored))


def client_retries(headers: Mapping[str, str]) -> int:
    """How often the client's SDK has retried this call already: `x-stainless-retry-count`, else 0."""
    value = headers.get(RETRY_COUNT_HEADER, "").strip()
    if not value.isascii() or not value.isdigit() or len(value) > 9:
        return 0
    return min(int(value), _MOST_RETRIES)


def _first(
    headers: Mapping[str, str], names: tuple[tuple[str, str], ...], ignored: list[str]
) -> float | None:
    for name, unit in names:
        value = headers.get(name)
        if value is None:
            continue
        seconds = _duration(value, unit)
        if seconds is not None:
            return seconds
        ignored.append(f"{name}: not a positive duration")
    return None


def _duration(value: str, unit: str) -> float | None:
    """Seconds, or None for anything that is not a positive decimal number with at most one unit."""
    found = _DURATION.fullmatch(value.strip())
    if found is None:
        return None
    number, written = found.groups()
    seconds = float(number) * _UNITS[written or unit]
    return seconds if seconds > 0 else None
