"""SharedRingLedger: each worker's latest attempts in a memory-mapped ring that every worker can read.

Keeping an entry is one encoding and one copy: no lock, no system call. Entries are lines,
`<decision id><JSON list>`, written one after the other and from the start again when the end is reached.
"""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from pathlib import Path

import msgspec
from typing_extensions import override

from llm_gateway.application.ports.attempt_ledger import AttemptLedger, AttemptRecord
from llm_gateway.domain.attempt import Attempt

RING_BYTES = 1 << 20

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[Attempt]).decode


class SharedRingLedger(AttemptLedger):
    """One file `<slot>.ring` for each worker. A worker that is started again goes on with an empty ring."""

    def __init__(self, directory: Path, slot: int, *, ring_bytes: int = RING_BYTES) -> None:
        self._directory = directory
        self._size = ring_bytes
        self._at = 0
        directory.mkdir(parents=True, exist_ok=True)
        with (directory / f"{slot}.ring").open("w+b") as file:
            file.truncate(ring_bytes)
            self._map = mmap.mmap(file.fileno(), ring_bytes)

    @override
    def keep(self, decision_id: str, attempts: Sequence[Attempt]) -> None:
        entry = b"\n%b%b\n" % (decision_id.encode("ascii", "replace"), _encode(attempts))
        end = self._at + len(entry)
        if end > self._size:
            if len(entry) > self._size:
                return
            # What stays behind here is cut off by a line feed, so that nothing runs into it.
            self._at, end = 0, len(entry)
        self._map[self._at : end] = entry
        # The next line begins with a line feed too: what is left of an overwritten one reads as torn.
        self._at = end - 1

    @override
    def find(self, decision_id: str) -> list[AttemptRecord] | None:
        needle = b"\n" + decision_id.encode("ascii", "replace") + b"["
        for path in sorted(self._directory.glob("*.ring")):
            data = path.read_bytes()
            at = data.find(needle)
            if at < 0:
                continue
            start = at + len(needle) - 1
            try:
                kept = _decode(data[start : data.index(b"\n", start)])
                return [dict(attempt.as_record()) for attempt in kept]
            except (ValueError, msgspec.DecodeError):
                continue  # being written, or half overwritten
        return None
