"""Port AttemptLedger: the calls made for recent decisions, for who asks what became of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from llm_gateway.domain.attempt import Attempt

# Attempt.as_record() as read back from JSON.
AttemptRecord = dict[str, Any]


class AttemptLedger(Protocol):
    """Bounded: the oldest entries make room. Losing one is no loss of an event, which has its own log."""

    def keep(self, decision_id: str, attempts: Sequence[Attempt]) -> None:
        """Called on the request path, once per request: cheap; never raises."""
        ...

    def find(self, decision_id: str) -> list[AttemptRecord] | None:
        """What was kept for a decision, by any worker, or None. May read files: call it off the event loop.
        Raises OSError."""
        ...
