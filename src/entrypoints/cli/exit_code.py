"""ExitCode: what each way of ending means (sysexits.h where it has a word for it)."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    OK = 0
    FAILURE = 1
    USAGE = 2
    UNREACHABLE = 69  # EX_UNAVAILABLE
    NO_PERMISSION = 77  # EX_NOPERM
    CONFIGURATION = 78  # EX_CONFIG
