"""The one table from httpx's exceptions to the gateway's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import httpx

from llm_gateway.domain.errors import (
    ConfigurationError,
    GatewayError,
    InvalidRequest,
    UpstreamDisconnected,
    UpstreamMalformed,
    UpstreamNotReached,
    UpstreamTimeout,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When it happened: `sent` once a byte of the request was written; `phase` is what was waited for."""

    sent: bool
    phase: Literal["first_byte", "idle"]


Row = Callable[[Exception, Moment], GatewayError]


def translated(exc: Exception, moment: Moment) -> Exception:
    """The gateway's error for an httpx one; anything else comes back as it is.

    Messages never repeat httpx's, which may quote a header.
    """
    for kind in type(exc).__mro__:
        if kind in TABLE:
            return TABLE[kind](exc, moment)
    return exc


def _not_reached(message: str) -> Row:
    return lambda _exc, _moment: UpstreamNotReached(message)


def _malformed(message: str) -> Row:
    return lambda _exc, _moment: UpstreamMalformed(message)


def _lost(_exc: Exception, moment: Moment) -> GatewayError:
    if not moment.sent:
        return UpstreamNotReached("the connection to the upstream broke before anything was sent")
    if moment.phase == "first_byte":
        return UpstreamDisconnected("the upstream closed the connection before it answered")
    return UpstreamDisconnected("the upstream closed the connection before the body ended")


def _timed_out(_exc: Exception, moment: Moment) -> GatewayError:
    return UpstreamTimeout("the upstream fell silent", phase=moment.phase)


def _protocol(exc: Exception, moment: Moment) -> GatewayError:
    # httpcore has one class for "closed early" and "not HTTP"; only its text tells them apart
    # (httpcore 1.0.9, _async/http11.py; h11 0.16, _readers.py).
    text = str(exc)
    if text.startswith(("Server disconnected", "peer closed connection", "peer unexpectedly closed")):
        return _lost(exc, moment)
    return UpstreamMalformed("the upstream's answer is not valid HTTP")


TABLE: dict[type, Row] = {
    httpx.ConnectTimeout: lambda _exc, _moment: UpstreamTimeout(
        "connecting to the upstream took too long", phase="connect"
    ),
    httpx.PoolTimeout: _not_reached("no connection to the upstream became free in time"),
    httpx.ReadTimeout: _timed_out,
    httpx.WriteTimeout: lambda _exc, _moment: UpstreamTimeout(
        "the upstream stopped reading the request", phase="idle"
    ),
    httpx.ConnectError: _not_reached("the upstream could not be connected to"),
    httpx.ProxyError: _not_reached("the proxy refused to connect to the upstream"),
    httpx.UnsupportedProtocol: lambda _exc, _moment: ConfigurationError(
        "the upstream's scheme is not supported"
    ),
    httpx.LocalProtocolError: lambda _exc, _moment: InvalidRequest(
        "the request cannot be said in the upstream's protocol"
    ),
    httpx.RemoteProtocolError: _protocol,
    httpx.DecodingError: _malformed("the upstream's content encoding is broken"),
    httpx.TooManyRedirects: _malformed("the upstream redirects in circles"),
    httpx.NetworkError: _lost,
    httpx.TimeoutException: _timed_out,
    httpx.HTTPError: _lost,
    httpx.InvalidURL: lambda _exc, _moment: ConfigurationError("the upstream's address is not valid"),
    httpx.CookieConflict: _malformed("the upstream's cookies contradict each other"),
    # Reading a body twice or after its end is a mistake of the caller, seen here as a lost body.
    httpx.StreamError: _lost,
}
