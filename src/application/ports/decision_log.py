"""Port DecisionLog: where decision records are kept, in order, each chained to the one before."""

from __future__ import annotations

from typing import Any, Protocol

from llm_gateway.domain.decision_record import DecisionRecord

# A stored record as read back from JSON: the contract's fields, event_id, sequence, prev_hash, hash, replay.
StoredRecord = dict[str, Any]


class DecisionLog(Protocol):
    """`append` and `flush` are called on the request path, from one thread; the rest by the control plane.

    `dropped` counts the records that could not be kept. `full` is looked at before a request is decided: true
    means that it is to be turned away, because its record could not be kept and the operator wants it so.
    Nothing here is awaited, so nothing can be cancelled.
    """

    dropped: int

    @property
    def full(self) -> bool: ...

    def append(self, record: DecisionRecord) -> None:
        """Take the next record. Cheap; never raises: a record that cannot be kept is counted in `dropped`."""
        ...

    def flush(self) -> None:
        """After it returns, what was appended is as safe as this log makes it: on disk, from `kill -9`.

        Called before the first byte of an answer; costs nothing when there is nothing to write. Never raises.
        """
        ...

    def find(self, decision_id: str) -> StoredRecord | None:
        """The flushed record of a decision, of any worker, or None.

        May read files: call it off the event loop. Raises OSError.
        """
        ...

    def recent(self, *, since: float = 0.0, limit: int = 100) -> list[StoredRecord]:
        """The newest flushed records of all workers, newest first, none from before `since` (Unix seconds).

        At most `limit` of them. May read files: call it off the event loop. Raises OSError.
        """
        ...

    def close(self) -> None:
        """Flush and let go of what is held. Idempotent; what is appended afterwards is dropped."""
        ...
