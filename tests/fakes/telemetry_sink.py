"""FakeTelemetrySink: a TelemetrySink that answers what a test tells it to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from llm_gateway.application.ports.telemetry_sink import TelemetrySink
from llm_gateway.domain.delivery_answer import DeliveryAnswer

DELIVERED = DeliveryAnswer(meaning="delivered", status=200)


class FakeTelemetrySink(TelemetrySink[Any]):
    """`batches` is what was sent, whatever came of it; `most_at_once` the most sends there were at one time.

    With `gate` set, no send ends before that event does.
    """

    name = "fake"
    endpoint: str | None = None
    batch = 1

    def __init__(self, *, batch: int = 3, endpoint: str | None = "http://peer/v1") -> None:
        self.endpoint = endpoint
        self.batch = batch
        self.answer: Callable[[Sequence[Any]], DeliveryAnswer] = lambda items: DELIVERED
        self.batches: list[list[Any]] = []
        self.taken: list[Any] = []
        self.running = 0
        self.most_at_once = 0
        self.gate: asyncio.Event | None = None
        self.closed = False

    async def send(self, items: Sequence[Any]) -> DeliveryAnswer:
        self.batches.append(list(items))
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        try:
            await (self.gate.wait() if self.gate is not None else asyncio.sleep(0))
        finally:
            self.running -= 1
        answer = self.answer(items)
        if answer.meaning == "delivered":
            self.taken += items
        return answer

    async def aclose(self) -> None:
        self.closed = True
