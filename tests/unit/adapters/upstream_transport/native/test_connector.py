"""From an origin to addresses, and from failures to the gateway's errors."""

from __future__ import annotations

import errno
import socket
import ssl

import pytest

from llm_gateway.adapters.upstream_transport.native.connector import TABLE, interleaved, translated
from llm_gateway.domain.errors import UpstreamNotReached, UpstreamTimeout

V6, V4 = socket.AF_INET6, socket.AF_INET


def test_families_alternate_from_the_resolvers_first_choice() -> None:
    """RFC 8305 §4: a broken IPv6 costs one delay, not one for each of its addresses."""
    found = [(V6, ("a",)), (V6, ("b",)), (V6, ("c",)), (V4, ("d",)), (V4, ("e",))]
    assert [address[0] for _, address in interleaved(found)] == ["a", "d", "b", "e", "c"]


@pytest.mark.parametrize(
    ("exc", "kind", "word"),
    [
        (TimeoutError(), UpstreamTimeout, "too long"),
        (OSError(errno.ETIMEDOUT, "x"), UpstreamTimeout, "too long"),
        (socket.gaierror(socket.EAI_NONAME, "x"), UpstreamNotReached, "name"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "x"), UpstreamNotReached, "ECONNREFUSED"),
        (ConnectionResetError(), UpstreamNotReached, "connected"),
        (OSError(errno.ENETUNREACH, "x"), UpstreamNotReached, "ENETUNREACH"),
        (OSError(errno.EMFILE, "x"), UpstreamNotReached, "EMFILE"),
        (ssl.SSLCertVerificationError("x"), UpstreamNotReached, "certificate"),
        (ssl.SSLEOFError("x"), UpstreamNotReached, "TLS"),
        (ssl.SSLZeroReturnError("x"), UpstreamNotReached, "TLS"),
        (ssl.SSLError("x"), UpstreamNotReached, "TLS"),
        (UnicodeError("label too long"), UpstreamNotReached, "name"),
    ],
)
def test_every_failure_to_connect_says_that_nothing_was_sent(exc: Exception, kind: type, word: str) -> None:
    """So the attempt loop may go on to the next target without a second bill."""
    error = translated(exc)
    assert type(error) is kind
    assert error.outcome == "not_sent"
    assert word in error.message


def test_no_row_of_the_table_hides_a_later_one() -> None:
    """The first row that fits is taken, so a base class must not come before its subclass."""
    kinds = [kind for kind, _ in TABLE]
    assert not [b for i, a in enumerate(kinds) for b in kinds[i + 1 :] if issubclass(b, a)]
