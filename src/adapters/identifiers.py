"""Uuid7Identifiers: RFC 9562 UUIDv7 from one buffer of random bytes, cheap enough for every request."""

from __future__ import annotations

import os
import time

_BLOCK = 256  # ids
_DIGITS = 16  # random hexadecimal digits per id, of which the first gives the variant
# The variant's bits are 0b10; the digit's other two stay random (RFC 9562 §4.1).
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


class Uuid7Identifiers:
    """Implements Identifiers. 48 bits of milliseconds, then a 12-bit counter that never goes back within this
    process (RFC 9562 §6.2, method 1; it begins anew each millisecond), then 62 random bits."""

    def __init__(self) -> None:
        self._random = ""
        self._offset = 0
        self._millisecond = 0
        self._counter = 0
        self._head = ""

    def uuid7(self) -> str:
        if self._offset >= len(self._random):
            self._random, self._offset = os.urandom(_BLOCK * _DIGITS // 2).hex(), 0
        at = self._offset
        self._offset = end = at + _DIGITS
        now = time.time_ns() // 1_000_000
        if now > self._millisecond:
            self._begin(now)
        elif self._counter < 0xFFF:
            self._counter += 1
        else:
            self._begin(self._millisecond + 1)
        text = self._random
        tail = f"{_VARIANT[text[at]]}{text[at + 1 : at + 4]}-{text[at + 4 : end]}"
        return f"{self._head}{self._counter:03x}-{tail}"

    def _begin(self, millisecond: int) -> None:
        stamp = f"{millisecond:012x}"
        self._millisecond, self._counter = millisecond, 0
        self._head = f"{stamp[:8]}-{stamp[8:]}-7"
