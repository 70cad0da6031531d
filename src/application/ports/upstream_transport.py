"""Port UpstreamTransport: one HTTP exchange with an upstream, bytes in and bytes out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from llm_gateway.domain.value import value


@value
class Timeouts:
    """Seconds. `first_byte` runs from the written request to the response head; `idle` between reads."""

    connect: float = 5.0
    first_byte: float = 60.0
    idle: float = 60.0
    total: float = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSettings:
    """What one account's TLS differs in: roots to trust instead of the system's, a certificate to show.

    Paths of PEM files. `digest` is of the files' contents, so that other contents are other settings.
    Verification itself cannot be turned off.
    """

    ca_file: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None
    digest: str = ""


@value
class UpstreamRequest:
    """`origin` is `https://host[:port]` and comes from configuration only; `target` is path and query.

    `headers` are complete but for `host`, `content-length` and `connection`, which the transport writes.
    Whatever the origin's name resolves to, a link-local or metadata address is not connected to unless
    `link_local` says so.
    """

    method: str
    origin: str
    target: str
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes
    timeouts: Timeouts = Timeouts()
    tls: TlsSettings | None = None
    link_local: Literal["refused", "allowed"] = "refused"


class UpstreamResponse(Protocol):
    """A response whose head has arrived.

    `headers` have lower-case names in order of arrival. `connect_ms` is 0.0 on a reused connection.
    """

    status: int
    headers: Sequence[tuple[bytes, bytes]]
    connect_ms: float

    def header(self, name: bytes) -> bytes | None:
        """The first value of a header by its lower-case name."""
        ...

    async def carry(self, take: Callable[[bytes], bool]) -> bool:
        """Hand the body's bytes to `take` as they arrive, never empty ones; True once the body has ended.

        `take` is called in whatever callback the bytes came in and may not wait. When it returns False, so
        does this, unless the body has ended with that piece: the rest is kept (bounded: the upstream is held
        back) until the next call goes on.
        What `take` raises is raised here; then, and when this is cancelled, the exchange is given up.

        Raises UpstreamTimeout(idle | total), UpstreamDisconnected when the body ends early, and
        UpstreamMalformed when its framing is broken.
        """
        ...

    async def read(self, limit: int) -> bytes:
        """The whole body; more than `limit` bytes raise UpstreamMalformed. Raises as `carry` does."""
        ...

    async def aclose(self) -> None:
        """Give the connection back, or close it when the body was not read to its end. Idempotent."""
        ...


class UpstreamTransport(Protocol):
    """Called by the attempt loop, once per attempt.

    Cancelling `send` or the reading of a body closes that connection at once; it is never reused.
    """

    async def send(self, request: UpstreamRequest) -> UpstreamResponse:
        """Send and wait for the response head.

        Raises UpstreamNotReached (nothing was sent), UpstreamTimeout(connect | first_byte | total),
        UpstreamDisconnected (sent, then lost), UpstreamMalformed (not HTTP).
        """
        ...

    async def aclose(self) -> None:
        """Close every pooled connection; a response still open keeps its own until it is closed."""
        ...
