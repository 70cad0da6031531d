"""RuvectorSink: hands decision records to ruvector-service, one to a call."""

from __future__ import annotations

from urllib.parse import urlsplit

from typing_extensions import override

from llm_gateway.adapters.ruvector.envelope import Unsendable, envelope
from llm_gateway.application.ports.event_sink import EventSink
from llm_gateway.application.ports.upstream_transport import (
    Timeouts,
    UpstreamRequest,
    UpstreamResponse,
    UpstreamTransport,
)
from llm_gateway.application.secret import Secret
from llm_gateway.domain.delivery_answer import DeliveryAnswer, meaning_of
from llm_gateway.domain.errors import ConfigurationError, GatewayError

_PATH = "/events/decisions"
_TIMEOUTS = Timeouts(connect=3.0, first_byte=10.0, idle=10.0, total=15.0)
_MOST_ANSWER_BYTES = 64 * 1024
_SHOWN_CHARACTERS = 500


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
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
            raise ConfigurationError(
                "RUVECTOR_SERVICE_URL must look like https://host[:port]", path="RUVECTOR_SERVICE_URL"
            )
        self.url = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._target = parts.path.rstrip("/") + _PATH
        self._transport = transport
        self._timeouts = timeouts
        self._headers = [(b"content-type", b"application/json"), (b"accept", b"application/json")]
        if api_key:
            self._headers.append((b"authorization", f"Bearer {api_key.reveal()}".encode("latin-1")))

    @override
    async def deliver(self, line: bytes) -> DeliveryAnswer:
        try:
            body = envelope(line)
        except Unsendable as exc:
            return DeliveryAnswer(meaning="permanent", text=f"not sent: {exc}")
        try:
            return await self._send(body)
        except GatewayError as exc:
            return DeliveryAnswer(meaning="outage", text=f"{type(exc).__name__}: {exc.message}")

    @override
    async def aclose(self) -> None:
        await self._transport.aclose()

    async def _send(self, body: bytes) -> DeliveryAnswer:
        response = await self._transport.send(
            UpstreamRequest(
                method="POST",
                origin=self._origin,
                target=self._target,
                headers=self._headers,
                body=body,
                timeouts=self._timeouts,
            )
        )
        try:
            meaning = meaning_of(response.status)
            try:
                text = await response.read(_MOST_ANSWER_BYTES)
            except GatewayError:
                text = b""  # the status has said it all
        finally:
            await response.aclose()
        if meaning == "delivered":
            return DeliveryAnswer(meaning=meaning, status=response.status)
        return DeliveryAnswer(
            meaning=meaning,
            status=response.status,
            text=text.decode("utf-8", "replace")[:_SHOWN_CHARACTERS],
            retry_after=_retry_after(response),
        )


def _retry_after(response: UpstreamResponse) -> float | None:
    """Seconds only: a date needs a clock that agrees with the service's."""
    value = response.header(b"retry-after")
    return float(value) if value is not None and value.isdigit() else None
