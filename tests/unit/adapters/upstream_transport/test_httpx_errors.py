"""The table from httpx's exceptions to the gateway's is complete."""

from __future__ import annotations

import inspect

import httpx
import pytest

from llm_gateway.adapters.upstream_transport.httpx_errors import Moment, translated
from llm_gateway.domain.errors import (
    GatewayError,
    UpstreamDisconnected,
    UpstreamMalformed,
    UpstreamNotReached,
)

EXCEPTIONS = [
    value
    for value in vars(httpx).values()
    if inspect.isclass(value) and issubclass(value, Exception) and value.__module__.startswith("httpx")
]


def _instance(kind: type[Exception]) -> Exception:
    exc = kind.__new__(kind)
    Exception.__init__(exc, "Bearer sk-secret")
    return exc


@pytest.mark.parametrize("kind", EXCEPTIONS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("sent", [False, True])
def test_every_httpx_exception_has_a_translation(kind: type[Exception], sent: bool) -> None:
    """Each class that httpx exports becomes a GatewayError that does not repeat its text."""
    error = translated(_instance(kind), Moment(sent=sent, phase="first_byte"))
    assert isinstance(error, GatewayError)
    assert "sk-secret" not in str(error)


def test_the_list_of_exceptions_is_not_empty() -> None:
    """The parametrisation above really found httpx's tree."""
    assert httpx.ReadError in EXCEPTIONS
    assert len(EXCEPTIONS) > 20


@pytest.mark.parametrize(("sent", "kind"), [(False, UpstreamNotReached), (True, UpstreamDisconnected)])
def test_a_lost_connection_counts_as_sent_only_when_it_was(sent: bool, kind: type[GatewayError]) -> None:
    """Whether a lost call may be billed depends on whether anything was written."""
    assert type(translated(httpx.WriteError("x"), Moment(sent=sent, phase="first_byte"))) is kind


def test_early_close_and_nonsense_are_told_apart() -> None:
    """httpcore has one class for both."""
    moment = Moment(sent=True, phase="idle")
    early = "peer closed connection without sending complete message body (incomplete chunked read)"
    assert type(translated(httpx.RemoteProtocolError(early), moment)) is UpstreamDisconnected
    assert type(translated(httpx.RemoteProtocolError("illegal status line"), moment)) is UpstreamMalformed


def test_what_is_not_of_httpx_stays_as_it_is() -> None:
    """Only httpx's exceptions are translated."""
    foreign = KeyError("x")
    assert translated(foreign, Moment(sent=True, phase="idle")) is foreign
