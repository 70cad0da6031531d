"""DeadLetters: the records of one log that the event service does not take, each with the reason.

One JSON line each: `{"at","reason","status","attempts","record"}`; `record` is the stored record, or its text
where it is not JSON.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import msgspec

from llm_gateway.domain.decision_event import timestamp
from llm_gateway.domain.delivery_answer import DeliveryAnswer

NAME = "dead-letter.jsonl"
_MAX_BYTES = 64 * 1024 * 1024

_log = logging.getLogger(__name__)


class DeadLetters:
    """Two files of at most 64 MiB: when one is full the one before it goes."""

    def __init__(self, directory: Path, max_bytes: int = _MAX_BYTES) -> None:
        self._path = directory / NAME
        self._max_bytes = max_bytes

    def add(self, line: bytes, answer: DeliveryAnswer, *, attempts: int, at: float) -> None:
        """On disk, from a power loss too, when it returns. Raises OSError."""
        letter = {
            "at": timestamp(at),
            "attempts": attempts,
            "reason": answer.text,
            "status": answer.status,
            "record": _record(line),
        }
        self._rotate()
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.write(file, msgspec.json.encode(letter) + b"\n")
            os.fdatasync(file)
        finally:
            os.close(file)

    def _rotate(self) -> None:
        try:
            full = self._path.stat().st_size >= self._max_bytes
        except FileNotFoundError:
            return
        if full:
            _log.error("the dead letters in %s are full; the older half is let go", self._path)
            self._path.replace(self._path.with_suffix(".old.jsonl"))


def _record(line: bytes) -> Any:
    try:
        msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return line.decode("utf-8", "replace")
    return msgspec.Raw(line)
