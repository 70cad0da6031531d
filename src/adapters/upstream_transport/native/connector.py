"""Connector: from an origin to an open connection: names, addresses, sockets, TLS."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable
from itertools import chain, zip_longest
from typing import Any, Literal, TypeVar

from llm_gateway.adapters.upstream_transport.link_local import is_link_local
from llm_gateway.adapters.upstream_transport.origin import Origin
from llm_gateway.domain.errors import UpstreamError, UpstreamNotReached, UpstreamTimeout

# RFC 8305 §8: the recommended delay before the next address is tried as well.
_ATTEMPT_DELAY_SECONDS = 0.25
_KEEPALIVE_SECONDS = 45

Address = tuple[int, tuple[Any, ...]]
P = TypeVar("P", bound=asyncio.Protocol)


async def connect(
    origin: Origin,
    context: ssl.SSLContext | None,
    seconds: float,
    protocol: Callable[[], P],
    *,
    link_local: Literal["refused", "allowed"] = "refused",
) -> P:
    """Open a connection. The name is looked up each time, so that a moved upstream is found, and what it
    leads to is judged each time: the address that is checked is the one that is connected to.

    Raises UpstreamTimeout(connect) and UpstreamNotReached; cancelled, it leaves no socket behind.
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(seconds):
            addresses = await _addresses(loop, origin)
            if link_local == "refused":
                addresses = without_link_local(addresses)
            sock = await _first_to_answer(loop, addresses)
            try:
                _, made = await loop.create_connection(
                    protocol,
                    sock=sock,
                    ssl=context,
                    server_hostname=origin.host if context else None,
                    ssl_handshake_timeout=seconds if context else None,
                )
            except BaseException:
                sock.close()
                raise
            return made
    except (OSError, UnicodeError) as exc:
        raise translated(exc) from exc


def translated(exc: Exception) -> UpstreamError:
    """The gateway's error for a failure to connect, by the first of TABLE's rows that fits."""
    for kind, make in TABLE:
        if isinstance(exc, kind):
            return make(exc)
    return UpstreamNotReached("the upstream could not be connected to")


def _certificate(exc: Exception) -> UpstreamError:
    reason = getattr(exc, "verify_message", "") or "it is not valid for this host"
    return UpstreamNotReached(f"the upstream's certificate was not accepted: {reason}")


def _system(exc: Exception) -> UpstreamError:
    name = errno.errorcode.get(getattr(exc, "errno", None) or 0, "no address answered")
    return UpstreamNotReached(f"the upstream could not be connected to ({name})")


# In order: TimeoutError, gaierror and SSLError are all OSErrors, CertificateError is an SSLError.
TABLE: tuple[tuple[type[Exception], Callable[[Exception], UpstreamError]], ...] = (
    (TimeoutError, lambda _exc: UpstreamTimeout("connecting to the upstream took too long", phase="connect")),
    (socket.gaierror, lambda _exc: UpstreamNotReached("the upstream's name could not be resolved")),
    (ssl.CertificateError, _certificate),
    (ssl.SSLError, lambda _exc: UpstreamNotReached("no TLS connection with the upstream could be agreed on")),
    (OSError, _system),
    (UnicodeError, lambda _exc: UpstreamNotReached("the upstream's name is not a valid host name")),
)


async def _addresses(loop: asyncio.AbstractEventLoop, origin: Origin) -> list[Address]:
    found = await loop.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
    return interleaved([(family, address) for family, _, _, _, address in found])


def without_link_local(addresses: list[Address]) -> list[Address]:
    """The addresses but those where a platform keeps its credentials: a name of the configuration may come
    to lead there. Raises UpstreamNotReached when none is left."""
    kept = [(family, address) for family, address in addresses if not is_link_local(str(address[0]))]
    if not kept:
        raise UpstreamNotReached(
            "the upstream's name leads to a link-local or metadata address (allow_link_local permits it)"
        )
    return kept


def interleaved(addresses: list[Address]) -> list[Address]:
    """Alternate the address families, beginning with the resolver's first choice (RFC 8305 §4)."""
    first = [a for a in addresses if a[0] == addresses[0][0]]
    others = [a for a in addresses if a[0] != addresses[0][0]]
    return [a for a in chain.from_iterable(zip_longest(first, others)) if a is not None]


async def _first_to_answer(loop: asyncio.AbstractEventLoop, addresses: list[Address]) -> socket.socket:
    if len(addresses) == 1:
        return await _open(loop, addresses[0])
    return await _race(loop, addresses)


async def _race(loop: asyncio.AbstractEventLoop, addresses: list[Address]) -> socket.socket:
    """Happy eyeballs: a next attempt begins when the last one failed or has taken a while; the first wins."""
    running: set[asyncio.Task[socket.socket]] = set()
    failure: OSError = OSError("no address")
    waiting = list(reversed(addresses))
    try:
        while waiting or running:
            if waiting:
                running.add(loop.create_task(_open(loop, waiting.pop())))
            done, _ = await asyncio.wait(
                running,
                timeout=_ATTEMPT_DELAY_SECONDS if waiting else None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            for task in done:
                running.discard(task)
                exc = task.exception()
                if exc is None:
                    running.update(done - {task})  # a second winner of the same moment is closed below
                    return task.result()
                if not isinstance(exc, OSError):
                    raise exc
                failure = exc
        raise failure
    finally:
        for task in running:
            task.cancel()
            task.add_done_callback(_close_loser)


def _close_loser(task: asyncio.Task[socket.socket]) -> None:
    if not task.cancelled() and task.exception() is None:
        task.result().close()


async def _open(loop: asyncio.AbstractEventLoop, address: Address) -> socket.socket:
    sock = socket.socket(address[0], socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if hasattr(socket, "TCP_KEEPIDLE"):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _KEEPALIVE_SECONDS)
        await loop.sock_connect(sock, address[1])
    except BaseException:
        sock.close()
        raise
    return sock
