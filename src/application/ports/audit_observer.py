"""Port AuditObserver: told what becomes of decision records after they were written."""

from __future__ import annotations

from typing import Protocol


class AuditObserver(Protocol):
    """Plain bookkeeping, never I/O, never raises."""

    def delivered(self) -> None: ...

    def dead_lettered(self) -> None: ...

    def dropped(self, records: int) -> None:
        """That many more could not be kept, or were let go before they were delivered."""
        ...

    def spool(self, pending: int, spool_bytes: int) -> None:
        """Records that this worker has to deliver, and the size of the whole spool, all workers together."""
        ...
