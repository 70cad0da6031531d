"""SpoolPosition: a place in one worker's decision log, between two records."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class SpoolPosition:
    """After `offset` bytes of segment number `segment`; positions of one log are ordered as its records."""

    segment: int
    offset: int


BEGINNING = SpoolPosition(0, 0)
