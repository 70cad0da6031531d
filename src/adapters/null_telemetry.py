"""NullTelemetrySink: nobody to tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from typing_extensions import override

from llm_gateway.application.ports.telemetry_sink import TelemetrySink
from llm_gateway.domain.delivery_answer import DeliveryAnswer


class NullTelemetrySink(TelemetrySink[Any]):
    """In the place of a peer that is not configured. What it is sent all the same is lost, and said to be."""

    name = "none"
    endpoint: str | None = None
    batch = 1

    @override
    async def send(self, items: Sequence[Any]) -> DeliveryAnswer:
        return DeliveryAnswer(meaning="permanent", text="no peer is configured")

    @override
    async def aclose(self) -> None:
        pass
