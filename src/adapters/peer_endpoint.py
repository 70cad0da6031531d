"""PeerEndpoint: where a peer service listens, and one JSON document handed to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from llm_gateway.application.ports.upstream_transport import (
    Timeouts,
    UpstreamRequest,
    UpstreamResponse,
    UpstreamTransport,
)
from llm_gateway.domain.delivery_answer import DeliveryAnswer, Meaning
from llm_gateway.domain.errors import ConfigurationError, GatewayError

Headers = tuple[tuple[bytes, bytes], ...]

_HEADERS: Headers = ((b"content-type", b"application/json"), (b"accept", b"application/json"))
_PATH = re.compile("[!-~]*")
_MOST_ANSWER_BYTES = 64 * 1024
_SHOWN_CHARACTERS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerAnswer:
    """`text` is the answer's beginning, as far as it came; `retry_after` is in seconds."""

    status: int
    text: str = ""
    retry_after: float | None = None

    def delivery(self, meaning: Meaning) -> DeliveryAnswer:
        return DeliveryAnswer(
            meaning=meaning, status=self.status, text=self.text, retry_after=self.retry_after
        )


class PeerEndpoint:
    """`url` is `http(s)://host[:port][/path]`, the value of the environment variable `variable`. `path` is
    its path as it stands, `base` the same to put another one behind. `headers` go with every document.

    Raises ConfigurationError, which names the variable and does not repeat what may hold a password.
    """

    def __init__(
        self,
        variable: str,
        url: str,
        transport: UpstreamTransport,
        timeouts: Timeouts,
        *,
        headers: Headers = (),
    ) -> None:
        try:
            parts = urlsplit(url)
            usable = parts.port != 0
        except ValueError:
            usable = False
        if (
            not usable
            or parts.scheme not in ("http", "https")
            or not parts.hostname
            or parts.username is not None
            or parts.query
            or parts.fragment
            or not _PATH.fullmatch(parts.path)
        ):
            raise ConfigurationError(f"{variable} must look like https://host[:port][/path]", path=variable)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.path = parts.path
        self.base = parts.path.rstrip("/")
        self._headers = (*_HEADERS, *headers)
        self._transport = transport
        self._timeouts = timeouts

    def adopt(self, headers: Headers) -> None:
        """Other headers from the next document on, such as those with a rotated key."""
        self._headers = (*_HEADERS, *headers)

    async def post(self, path: str, body: bytes) -> PeerAnswer:
        """`path` is the whole one. What breaks off after the status is no matter. Raises GatewayError."""
        response = await self._transport.send(
            UpstreamRequest(
                method="POST",
                origin=self.origin,
                target=path or "/",
                headers=self._headers,
                body=body,
                timeouts=self._timeouts,
            )
        )
        try:
            try:
                text = await response.read(_MOST_ANSWER_BYTES)
            except GatewayError:
                text = b""
        finally:
            await response.aclose()
        return PeerAnswer(
            status=response.status,
            text=text.decode("utf-8", "replace")[:_SHOWN_CHARACTERS],
            retry_after=_retry_after(response),
        )

    async def aclose(self) -> None:
        await self._transport.aclose()


def no_answer(error: GatewayError) -> DeliveryAnswer:
    """What a failed exchange means: nobody has said anything about the records."""
    return DeliveryAnswer(meaning="outage", text=f"{type(error).__name__}: {error.message}")


def _retry_after(response: UpstreamResponse) -> float | None:
    """Seconds only: a date needs a clock that agrees with the peer's."""
    value = response.header(b"retry-after")
    return float(value) if value is not None and value.isdigit() else None
