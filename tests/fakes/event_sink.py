"""FakeEventSink: an EventSink that answers what a test tells it to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

from llm_gateway.application.ports.event_sink import EventSink
from llm_gateway.domain.delivery_answer import DeliveryAnswer

DELIVERED = DeliveryAnswer(meaning="delivered", status=201)


class FakeEventSink(EventSink):
    """`answer` decides by the record's line; `sequences` are those of the records delivered, in order."""

    def __init__(self, answer: Callable[[bytes], DeliveryAnswer] = lambda line: DELIVERED) -> None:
        self.url: str | None = "http://ruvector"
        self.answer = answer
        self.sequences: list[int] = []
        self.calls = 0
        self.closed = False

    async def deliver(self, line: bytes) -> DeliveryAnswer:
        self.calls += 1
        await asyncio.sleep(0)
        answer = self.answer(line)
        if answer.meaning == "delivered":
            self.sequences.append(json.loads(line)["sequence"])
        return answer

    async def aclose(self) -> None:
        self.closed = True
