"""DeliveryAnswer: what came of handing records to a service, and what that means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Meaning = Literal["delivered", "permanent", "ambiguous", "outage"]

_CREATED = 201
# 400 is the service's own word; 413 is what a proxy in front of it says of the one body it was given.
_ABOUT_THIS_RECORD = frozenset({400, 413})
_INTERNAL_ERROR = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAnswer:
    """`status` is None when nobody answered; `text` is the answer's beginning or the error's, for people;
    `retry_after` is in seconds. `lost` of the records were refused for good although the others of the same
    call were delivered."""

    meaning: Meaning
    status: int | None = None
    text: str = ""
    retry_after: float | None = None
    lost: int = 0


def meaning_of(status: int) -> Meaning:
    """Of ruvector-service (contracts.md §3). 201 only is success: a wrong URL answers 200 with a page. What
    tells of credentials, the URL or load (401, 403, 404, 429, 503 ...) says nothing about the record, so it
    is kept."""
    if status == _CREATED:
        return "delivered"
    if status in _ABOUT_THIS_RECORD:
        return "permanent"
    return "ambiguous" if status == _INTERNAL_ERROR else "outage"
