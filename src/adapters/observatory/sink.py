"""ObservatorySink: tells LLM-Observatory of finished requests, up to 100 in one call (contracts.md §4)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import msgspec
from typing_extensions import override

from llm_gateway.adapters.observatory.llm_span import LlmSpan, llm_span
from llm_gateway.adapters.peer_endpoint import PeerAnswer, PeerEndpoint, no_answer
from llm_gateway.application.ports.price_list import PriceList
from llm_gateway.application.ports.telemetry_sink import TelemetrySink
from llm_gateway.application.ports.upstream_transport import Timeouts, UpstreamTransport
from llm_gateway.domain.delivery_answer import DeliveryAnswer, Meaning
from llm_gateway.domain.errors import GatewayError
from llm_gateway.domain.usage_record import UsageRecord

VARIABLE = "TELEMETRY_ENDPOINT"
INGEST_PATH = "/api/v1/telemetry/ingest"
MOST_SPANS = 100
# An answer can take 7 s on a good day.
TIMEOUTS = Timeouts(connect=5.0, first_byte=30.0, idle=30.0, total=60.0)

_AT_A_STRETCH = 20  # spans, 0.2 ms: requests are not to wait longer for the loop
_NOT_FOUND = 404
_TOO_LARGE = 413
_ABOUT_THESE_RECORDS = frozenset({400, 422})
_SETTLED = ("delivered", "permanent")
_INTERNAL_ERROR = 500  # what malformed JSON is answered with, too

_encode = msgspec.json.Encoder().encode


class ObservatorySink(TelemetrySink[UsageRecord]):
    """Sends to the URL as it is configured or, where that answers 404, to INGEST_PATH of the same host; the
    one that worked is tried first from then on. An answer of success is believed: the service gives it even
    when its own store has failed, and has no other word for that.

    `transport` is this sink's own and closed with it. Raises ConfigurationError for a URL of another kind.
    """

    name = "observatory"
    batch = MOST_SPANS

    def __init__(
        self,
        url: str,
        transport: UpstreamTransport,
        prices: PriceList,
        *,
        environment: str,
        timeouts: Timeouts = TIMEOUTS,
    ) -> None:
        self._peer = PeerEndpoint(VARIABLE, url, transport, timeouts)
        self._prices = prices
        self._environment = environment
        self._paths = tuple(dict.fromkeys((self._peer.path, INGEST_PATH)))

    @property
    @override
    def endpoint(self) -> str:
        return self._peer.origin + self._paths[0]

    @override
    async def send(self, items: Sequence[UsageRecord]) -> DeliveryAnswer:
        spans = []
        for number, record in enumerate(items, 1):
            spans.append(await self._span(record))
            if number % _AT_A_STRETCH == 0:
                await asyncio.sleep(0)
        try:
            return await self._deliver(spans)
        except GatewayError as exc:
            return no_answer(exc)

    @override
    async def aclose(self) -> None:
        await self._peer.aclose()

    async def _span(self, record: UsageRecord) -> LlmSpan:
        target = record.target
        listed = await self._prices.of(target) if target is not None and record.usage is not None else None
        return llm_span(record, listed, self._environment)

    async def _deliver(self, spans: Sequence[LlmSpan]) -> DeliveryAnswer:
        """What is too large goes in halves, as does what follows; a single span that is too large is lost."""
        answer = await self._post(_encode(spans))
        if answer.status != _TOO_LARGE or len(spans) == 1:
            return answer.delivery(_meaning(answer.status))
        half = len(spans) // 2
        self.batch = min(self.batch, half)
        first = await self._deliver(spans[:half])
        if first.meaning not in _SETTLED:
            return first
        second = await self._deliver(spans[half:])
        return _together((first, half), (second, len(spans) - half))

    async def _post(self, body: bytes) -> PeerAnswer:
        paths = self._paths
        answer = await self._peer.post(paths[0], body)
        if answer.status == _NOT_FOUND and len(paths) > 1:
            other = await self._peer.post(paths[1], body)
            if other.status != _NOT_FOUND:
                self._paths = paths[::-1]
                return other
        return answer


def _together(*halves: tuple[DeliveryAnswer, int]) -> DeliveryAnswer:
    """The answer for both, each with its number of spans. When one is to be sent again, both are: by their
    ids they are the same spans."""
    for answer, _ in halves:
        if answer.meaning not in _SETTLED:
            return answer
    delivered = [answer for answer, _ in halves if answer.meaning == "delivered"]
    if not delivered:
        return halves[0][0]
    lost = sum(size if answer.meaning == "permanent" else answer.lost for answer, size in halves)
    return replace(delivered[0], lost=lost)


def _meaning(status: int) -> Meaning:
    """What tells of credentials, the URL or load says nothing about the records, so they are kept."""
    if 200 <= status < 300:
        return "delivered"
    if status in _ABOUT_THESE_RECORDS or status == _TOO_LARGE:
        return "permanent"
    return "ambiguous" if status == _INTERNAL_ERROR else "outage"
