"""Sizes in bytes as people write them: `512KiB`, `32MiB`, `1GiB`, `10MB`."""

from __future__ import annotations

import re
from fractions import Fraction

_BYTES = {
    "": 1,
    "B": 1,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
    "TiB": 2**40,
}
_SIZE = re.compile(r"(\d{1,18}(?:\.\d{1,9})?)\s*([A-Za-z]{0,3})", re.ASCII)
LARGEST = 2**53


def parse_size(text: str) -> int:
    """Bytes. Raises ValueError for an unknown unit, a part of a byte, or more than 2^53."""
    match = _SIZE.fullmatch(text.strip())
    if match is None or match[2] not in _BYTES:
        raise ValueError(f"{text!r} is not a size; write bytes or a unit, such as 512KiB, 32MiB or 1GiB")
    size = Fraction(match[1]) * _BYTES[match[2]]
    if size.denominator != 1:
        raise ValueError(f"{text!r} is not a whole number of bytes")
    if size > LARGEST:
        raise ValueError(f"{text!r} is larger than 2^53 bytes")
    return int(size)
