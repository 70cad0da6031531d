"""Port DeliverySpool: the decision logs of this host, as far as they wait for delivery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from llm_gateway.domain.delivery_answer import DeliveryAnswer
from llm_gateway.domain.spool_position import SpoolPosition


@dataclass(frozen=True, slots=True, kw_only=True)
class SpooledLine:
    """A record's line without its line feed, and where in its log it ends."""

    line: bytes
    end: SpoolPosition


class Backlog(Protocol):
    """One log from where its delivery stopped. Everything but `end` blocks and raises OSError."""

    name: str

    def end(self) -> SpoolPosition:
        """Where what is safely written ends now. Called on the event loop."""
        ...

    def count(self, end: SpoolPosition) -> int:
        """How many records lie between what `read` gave last and `end`."""
        ...

    def read(self, limit: int) -> Sequence[SpooledLine]:
        """The next records, at most `limit`; none when there are no more or retention was faster."""
        ...

    def save(self, position: SpoolPosition) -> None:
        """Remember, atomically, that everything up to there is settled."""
        ...

    def dead_letter(self, line: bytes, answer: DeliveryAnswer, *, attempts: int, at: float) -> None:
        """Put a record aside with the reason; `at` in Unix seconds. It is on disk when this returns."""
        ...


class DeliverySpool(Protocol):
    """Called by ShipEvents: `own` once the log is open, the others off the event loop."""

    def own(self) -> Backlog:
        """The log that this worker writes."""
        ...

    def adopt(self) -> Sequence[Backlog]:
        """Logs of dead workers that nobody else has taken. They are this worker's until `release`."""
        ...

    def release(self, backlog: Backlog) -> None:
        """Give an adopted log back. Idempotent."""
        ...
