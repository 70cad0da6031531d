"""Table: what a part of a run found, as rows of text; Effort: how long it may measure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`rows` under `titles`, in a report of its own heading; `note` says what a reader must know, `rounds`
    how often and how long was measured, where that is not what the effort says."""

    heading: str
    titles: Row
    rows: list[Row]
    note: str = ""
    rounds: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """`seconds` per server and round; `minutes` is for the one part that watches memory."""

    rounds: int
    seconds: float
    minutes: float = 10.0

    def __str__(self) -> str:
        return f"{self.rounds} rounds of {self.seconds:g} s"


Part = Callable[[Effort], Table]
