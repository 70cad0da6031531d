"""Uuid7Identifiers: RFC 9562 UUIDv7 from one buffer of random bytes, cheap enough for every request."""

from __future__ import annotations

import os
import time

_BLOCK = 10 * 256


class Uuid7Identifiers:
    """Implements Identifiers. 48 bits of milliseconds, then a 12-bit counter that never goes back within this
    process (RFC 9562 §6.2, method 1), then 62 random bits."""

    def __init__(self) -> None:
        self._pool = b""
        self._offset = 0
        self._last = 0

    def uuid7(self) -> str:
        if self._offset >= len(self._pool):
            self._pool, self._offset = os.urandom(_BLOCK), 0
        random = int.from_bytes(self._pool[self._offset : self._offset + 10], "big")
        self._offset += 10
        stamp = max((time.time_ns() // 1_000_000) << 12 | (random >> 70), self._last + 1)
        self._last = stamp
        value = (
            (stamp >> 12) << 80
            | 0x7 << 76
            | (stamp & 0xFFF) << 64
            | 0b10 << 62
            | random & 0x3FFF_FFFF_FFFF_FFFF
        )
        text = f"{value:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
