"""Slow clients: who keeps a connection waiting for too long is turned away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from llm_gateway.entrypoints.http.protocol import GatewayProtocol

HEAD_S = 15.0
BODY_IDLE_S = 30.0
BODY_TOTAL_S = 300.0
SILENT_S = 75.0
TAKES_NOTHING_S = 60.0


def turn_away(connections: Iterable[Any], now: float) -> int:
    """Called about once a second with every open connection; `now` is loop time. How many were turned away.

    One pass over all connections costs less than a timer per request.
    """
    late = [connection for connection in connections if _late(connection, now)]
    for connection in late:
        connection.refuse_slow()
    return len(late)


def _late(connection: Any, now: float) -> bool:
    """silent   connected, and not a byte of a first request
    head     begun, and not complete
    body     no byte for a while, or trickling without end
    and, in any of them, an answer of which it has taken nothing for a while
    """
    if not isinstance(connection, GatewayProtocol):
        return False
    if connection.untaken_since is not None and _takes_nothing(connection, now):
        return True
    if connection.waiting_since is None:
        return False
    waited = now - connection.waiting_since
    match connection.stage:
        case "silent":
            return waited > SILENT_S
        case "head":
            return waited > HEAD_S
        case "body":
            return waited > BODY_IDLE_S or now - connection.begun_at > BODY_TOTAL_S


def _takes_nothing(connection: GatewayProtocol, now: float) -> bool:
    """A slow client makes room now and then; one that does not would keep its upstream's connection."""
    assert connection.untaken_since is not None
    untaken = connection.transport.get_write_buffer_size()
    if untaken != connection.untaken:
        connection.untaken, connection.untaken_since = untaken, now
    return now - connection.untaken_since > TAKES_NOTHING_S
