"""Port EventSink: the service that stores decision records for the platform."""

from __future__ import annotations

from typing import Protocol

from llm_gateway.domain.delivery_answer import DeliveryAnswer


class EventSink(Protocol):
    """Called by the delivery lanes, several records at a time. `url` is where, for people; None: nowhere.

    Cancelling `deliver` leaves open whether the record was stored.
    """

    url: str | None

    async def deliver(self, line: bytes) -> DeliveryAnswer:
        """Hand over one line of a decision log (canonical JSON). Never raises: a failure is an answer."""
        ...

    async def aclose(self) -> None:
        """Close its connections. Idempotent."""
        ...
