"""SpoolBound: what is done about a spool that has reached its bound."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Literal

from llm_gateway.adapters.decision_log.retention import Undelivered, let_go, undelivered_bytes

_log = logging.getLogger(__name__)


class SpoolBound:
    """`max_bytes` bounds the whole spool, all workers together; room for one more segment is kept free.

    With nothing to be delivered the spool is the store, and its oldest segments go. What waits for delivery
    is the last to go under `drop_oldest`, and is counted and logged as lost; under `reject` it stays, and
    `full` is true from the bound on until enough of it has been delivered.
    """

    def __init__(
        self,
        spool: Path,
        max_bytes: int,
        *,
        segment_bytes: int,
        delivering: bool,
        when_full: Literal["drop_oldest", "reject"],
    ) -> None:
        self.full = False
        self._spool = spool
        self._limit = max_bytes - segment_bytes
        self._rejects = when_full == "reject"
        self._delivering = delivering

    def keep(self) -> int:
        """Let go of what is too much; returns how many undelivered records were in it. Never raises."""
        try:
            gone = let_go(self._spool, self._limit, self._undelivered())
            if self._rejects and self._delivering:
                self._say(undelivered_bytes(self._spool) > self._limit)
        except OSError as exc:
            _log.error("old decision records could not be let go: %s", exc)
            return 0
        if gone.lost:
            _log.error(
                "the spool is full: %d decision records were dropped before they were delivered; raise "
                "audit.max_bytes or see why RUVECTOR_SERVICE_URL does not take them",
                gone.lost,
            )
        elif gone.segments:
            last = gone.segments[-1].path.name
            _log.info("let go of %d segments of decision records, up to %s", len(gone.segments), last)
        return gone.lost

    def _undelivered(self) -> Undelivered:
        if not self._delivering:
            return "unknown"
        return "kept" if self._rejects else "last"

    def _say(self, full: bool) -> None:
        if full and not self.full:
            _log.error("the spool is full of undelivered decision records: requests are rejected")
        elif self.full and not full:
            _log.info("the spool has room again")
        self.full = full
