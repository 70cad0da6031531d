"""VerifyAudit: walks the hash chains of a decision log and names the first broken link of each."""

from __future__ import annotations

import json
from dataclasses import dataclass

from llm_gateway.application.ports.audit_trail import AuditTrail, TrailLine
from llm_gateway.domain.hash_chain import GENESIS, link


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenLink:
    """`place` is `<file>:<line>`."""

    place: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """`records` is how many were sound, up to `broken`, which is None for a whole chain.

    `missing` counts the records that were never written, by the gaps that they left in `sequence` (a full
    disk). `begins_at` is the sequence number of the first record: above 1 when older segments were let go.
    """

    chain: str
    records: int
    begins_at: int | None
    missing: int
    broken: BrokenLink | None


class VerifyAudit:
    """Called by `llm-gateway audit verify`."""

    def __call__(self, trail: AuditTrail) -> list[ChainReport]:
        """One report a chain. Raises OSError."""
        return [_verify(trail, chain) for chain in trail.chains()]


def _verify(trail: AuditTrail, chain: str) -> ChainReport:
    records = missing = 0
    begins_at: int | None = None
    sequence, head = 0, GENESIS
    broken: BrokenLink | None = None
    for line in trail.lines(chain):
        problem, number = _check(line, sequence, head, first=begins_at is None)
        if problem:
            broken = BrokenLink(place=line.place, problem=problem)
            break
        if begins_at is None:
            begins_at = number
        else:
            missing += number - sequence - 1
        records += 1
        sequence, head = number, line.hash or ""
    return ChainReport(chain=chain, records=records, begins_at=begins_at, missing=missing, broken=broken)


def _check(line: TrailLine, sequence: int, head: str, *, first: bool) -> tuple[str | None, int]:
    """What is wrong with a line (None: nothing), and its sequence number."""
    if line.body is None:
        return "is not a decision record", 0
    try:
        record = json.loads(line.body)
        number, prev_hash = int(record["sequence"]), str(record["prev_hash"])
    except (KeyError, TypeError, ValueError):
        return "is not a decision record", 0
    if link(prev_hash, line.body) != line.hash:
        return "does not hash to what it says: it was altered", number
    if first:
        if number == 1 and prev_hash != GENESIS:
            return "is the first record but follows another one", number
        return None, number
    if prev_hash != head:
        return f"does not follow record {sequence}: records were removed, added or reordered", number
    if number <= sequence:
        return f"has sequence {number} after {sequence}", number
    return None, number
