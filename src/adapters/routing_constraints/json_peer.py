"""JsonPeer: one POST of JSON to a policy peer, and its answer as an object or a reason why there is none."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from llm_gateway.application.ports.routing_constraints import ConstraintsUnavailable
from llm_gateway.application.ports.upstream_transport import Timeouts, UpstreamRequest, UpstreamTransport
from llm_gateway.domain.errors import ConfigurationError, GatewayError, UpstreamMalformed, UpstreamTimeout

# The caller's own limit is shorter; this one is for a peer that is used without it.
_TIMEOUTS = Timeouts(connect=5.0, first_byte=10.0, idle=10.0, total=10.0)
_MOST_ANSWER_BYTES = 64 * 1024


class JsonPeer:
    """`url` is `http(s)://host[:port][/base]`; `variable` is the setting that it comes from. `transport` is
    this peer's own and closed with it. Raises ConfigurationError for another kind of URL."""

    def __init__(self, url: str, path: str, transport: UpstreamTransport, *, variable: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
            raise ConfigurationError(f"{variable} must look like https://host[:port]", path=variable)
        self.url = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}{path}"
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._target = parts.path.rstrip("/") + path
        self._transport = transport

    async def post(
        self, document: Mapping[str, Any], headers: Sequence[tuple[bytes, bytes]]
    ) -> Mapping[str, Any]:
        """The object of an answer with status 200. Raises ConstraintsUnavailable for everything else."""
        request = UpstreamRequest(
            method="POST",
            origin=self._origin,
            target=self._target,
            headers=[(b"content-type", b"application/json"), (b"accept", b"application/json"), *headers],
            body=json.dumps(document, separators=(",", ":")).encode("ascii"),
            timeouts=_TIMEOUTS,
        )
        try:
            status, body = await self._exchange(request)
        except UpstreamTimeout as exc:
            raise ConstraintsUnavailable("timeout", "no answer in time") from exc
        except UpstreamMalformed as exc:
            raise ConstraintsUnavailable("malformed", "its answer is not HTTP, or too long") from exc
        except GatewayError as exc:
            raise ConstraintsUnavailable("unreachable", exc.message) from exc
        if status != 200:
            raise ConstraintsUnavailable("status", f"HTTP {status}")
        return _object(body)

    async def aclose(self) -> None:
        await self._transport.aclose()

    async def _exchange(self, request: UpstreamRequest) -> tuple[int, bytes]:
        response = await self._transport.send(request)
        try:
            return response.status, await response.read(_MOST_ANSWER_BYTES)
        finally:
            await response.aclose()


def headers_of(request_id: str, trace_id: str | None) -> list[tuple[bytes, bytes]]:
    """Which execution asks. The peer wants a parent span, whatever it is: the trace, else the request."""
    return [
        (b"x-execution-id", request_id.encode("latin-1", "replace")),
        (b"x-parent-span-id", (trace_id or request_id).encode("latin-1", "replace")),
    ]


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise ConstraintsUnavailable("malformed", "its answer is not JSON") from exc
    if not isinstance(document, dict):
        raise ConstraintsUnavailable("malformed", "its answer is not an object")
    return document
