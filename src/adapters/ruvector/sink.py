"""RuvectorSink: hands decision records to ruvector-service, one to a call."""

from __future__ import annotations

from typing_extensions import override

from llm_gateway.adapters.peer_endpoint import Headers, PeerEndpoint, no_answer
from llm_gateway.adapters.ruvector.envelope import Unsendable, envelope
from llm_gateway.application.ports.event_sink import EventSink
from llm_gateway.application.ports.upstream_transport import Timeouts, UpstreamTransport
from llm_gateway.application.secret import Secret
from llm_gateway.domain.delivery_answer import DeliveryAnswer, meaning_of
from llm_gateway.domain.errors import GatewayError

VARIABLE = "RUVECTOR_SERVICE_URL"
_PATH = "/events/decisions"
_TIMEOUTS = Timeouts(connect=3.0, first_byte=10.0, idle=10.0, total=15.0)


class RuvectorSink(EventSink):
    """`url` is `http(s)://host[:port][/base]`. `transport` is this sink's own and closed with it.

    Raises ConfigurationError for another kind of URL.
    """

    def __init__(
        self,
        url: str,
        transport: UpstreamTransport,
        *,
        api_key: Secret | None = None,
        timeouts: Timeouts = _TIMEOUTS,
    ) -> None:
        self._peer = PeerEndpoint(VARIABLE, url, transport, timeouts, headers=_credential(api_key))
        self.url = self._peer.origin + self._peer.base

    def adopt(self, api_key: Secret) -> None:
        """A rotated key: the next record is delivered with it."""
        self._peer.adopt(_credential(api_key))

    @override
    async def deliver(self, line: bytes) -> DeliveryAnswer:
        try:
            body = envelope(line)
        except Unsendable as exc:
            return DeliveryAnswer(meaning="permanent", text=f"not sent: {exc}")
        try:
            answer = await self._peer.post(self._peer.base + _PATH, body)
        except GatewayError as exc:
            return no_answer(exc)
        return answer.delivery(meaning_of(answer.status))

    @override
    async def aclose(self) -> None:
        await self._peer.aclose()


def _credential(api_key: Secret | None) -> Headers:
    return ((b"authorization", f"Bearer {api_key.reveal()}".encode("latin-1")),) if api_key else ()
