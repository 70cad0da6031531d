"""Chain: turns records into the lines of one worker's log, each bound to the one before it.

A line is the record's canonical JSON (RFC 8785) with `,"hash":"<64 digits>"` put before its last brace, so
that a reader gets the hashed bytes back by cutting, without parsing:

    hash = SHA-256(prev_hash + line without the hash member)
"""

from __future__ import annotations

from llm_gateway.domain.decision_record import DecisionRecord
from llm_gateway.domain.hash_chain import GENESIS, link

_BEFORE_HASH = b',"hash":"'
_AFTER_HASH = b'"}\n'
_TAIL = len(_BEFORE_HASH) + 64 + len(_AFTER_HASH)


class Chain:
    """`sequence` and `head` (a hash) are those of the last sealed record."""

    __slots__ = ("head", "sequence")

    def __init__(self, *, sequence: int = 0, head: str = GENESIS) -> None:
        self.sequence = sequence
        self.head = head

    def seal(self, record: DecisionRecord) -> bytes:
        """The record's line, with its line feed. Raises ValueError; then nothing has moved."""
        sequence = self.sequence + 1
        body = record.text(sequence=sequence, prev_hash=self.head).encode("utf-8")
        head = link(self.head, body)
        self.sequence, self.head = sequence, head
        return body[:-1] + _BEFORE_HASH + head.encode("ascii") + _AFTER_HASH


def hashed_part(line: bytes) -> tuple[bytes, str]:
    """The canonical bytes and the hash of a line. Raises ValueError when it is not a line of a log."""
    body, tail = line[:-_TAIL], line[-_TAIL:]
    if not (tail.startswith(_BEFORE_HASH) and tail.endswith(_AFTER_HASH)):
        raise ValueError("not a line of a decision log")
    return body + b"}", tail[len(_BEFORE_HASH) : -len(_AFTER_HASH)].decode("ascii")
