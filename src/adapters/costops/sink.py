"""CostOpsSink: tells LLM-CostOps what each request used, one to a call (contracts.md §5)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from typing_extensions import override

from llm_gateway.adapters.costops.attribution import attribution
from llm_gateway.adapters.peer_endpoint import PeerAnswer, PeerEndpoint, no_answer
from llm_gateway.application.ports.price_list import PriceList
from llm_gateway.application.ports.telemetry_sink import TelemetrySink
from llm_gateway.application.ports.upstream_transport import Timeouts, UpstreamTransport
from llm_gateway.domain.delivery_answer import DeliveryAnswer, Meaning
from llm_gateway.domain.errors import GatewayError
from llm_gateway.domain.usage_record import UsageRecord

VARIABLE = "COSTOPS_URL"
ATTRIBUTION_PATH = "/api/v1/attribution"
TIMEOUTS = Timeouts(connect=5.0, first_byte=10.0, idle=10.0, total=15.0)

_ABOUT_THIS_RECORD = frozenset({400, 413, 422})
_INTERNAL_ERROR = 500

_encode = msgspec.json.Encoder().encode


class _Said(msgspec.Struct):
    success: bool = True


_said = msgspec.json.Decoder(_Said).decode


class CostOpsSink(TelemetrySink[UsageRecord]):
    """`url` is `http(s)://host[:port][/base]`; `transport` is this sink's own and closed with it.

    Raises ConfigurationError for another kind of URL.
    """

    name = "costops"
    batch = 1

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
        self._path = self._peer.base + ATTRIBUTION_PATH
        self._prices = prices
        self._environment = environment

    @property
    @override
    def endpoint(self) -> str:
        return self._peer.origin + self._path

    @override
    async def send(self, items: Sequence[UsageRecord]) -> DeliveryAnswer:
        (record,) = items
        if record.target is None:
            return DeliveryAnswer(meaning="permanent", text="not sent: nobody was called for it")
        listed = await self._prices.of(record.target)
        body = _encode(attribution(record, record.target, listed, self._environment))
        try:
            answer = await self._peer.post(self._path, body)
        except GatewayError as exc:
            return no_answer(exc)
        return answer.delivery(_meaning(answer))

    @override
    async def aclose(self) -> None:
        await self._peer.aclose()


def _meaning(answer: PeerAnswer) -> Meaning:
    """What tells of credentials, the URL or load says nothing about the record, so it is kept."""
    if 200 <= answer.status < 300:
        return "permanent" if _says_no(answer.text) else "delivered"
    if answer.status in _ABOUT_THIS_RECORD:
        return "permanent"
    return "ambiguous" if answer.status == _INTERNAL_ERROR else "outage"


def _says_no(text: str) -> bool:
    """`{"success": false}`. Whatever else a success is told with is a success."""
    try:
        return not _said(text).success
    except (msgspec.DecodeError, UnicodeEncodeError):
        return False
