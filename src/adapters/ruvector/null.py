"""NullEventSink: nobody to deliver to; the spool itself is the store."""

from __future__ import annotations

from typing_extensions import override

from llm_gateway.application.ports.event_sink import EventSink
from llm_gateway.domain.delivery_answer import DeliveryAnswer


class NullEventSink(EventSink):
    """Keeps every record where it is: an answer that settles nothing."""

    url = None

    @override
    async def deliver(self, line: bytes) -> DeliveryAnswer:
        return DeliveryAnswer(meaning="outage", text="no event service is configured")

    @override
    async def aclose(self) -> None:
        pass
