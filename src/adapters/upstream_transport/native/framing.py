"""Framing: how a response's body ends, decided from its head alone (RFC 9112 §6.3).

Stricter than the RFC where leniency is how responses get smuggled: anything that two readers could
understand differently is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from llm_gateway.domain.errors import UpstreamMalformed

FRAMING_FIELDS = frozenset({b"content-length", b"transfer-encoding", b"connection", b"keep-alive"})

_KEEP_ALIVE_TIMEOUT = re.compile(rb"(?:^|[,;\s])timeout\s*=\s*([0-9]{1,6})", re.IGNORECASE)


class BodyKind(Enum):
    NONE = "none"
    LENGTH = "length"
    CHUNKED = "chunked"
    UNTIL_CLOSE = "until_close"


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """`length` is in bytes and only meaningful for LENGTH; `idle_seconds` is what the peer promises to keep
    an idle connection for (`Keep-Alive: timeout=…`), None when it does not say."""

    kind: BodyKind
    length: int = 0
    reusable: bool = True
    idle_seconds: float | None = None


def framing_of(
    status: int, version: bytes, fields: Sequence[tuple[bytes, bytes]], *, to_head: bool
) -> Framing:
    """Decide from the FRAMING_FIELDS of a head, names lower-case; `version` is `1.0` or `1.1`.

    Raises UpstreamMalformed for a transfer coding other than a single `chunked`, for both kinds of length at
    once, and for repeated or unreadable lengths.
    """
    length = coding = idle = None
    reusable = version == b"1.1"
    for name, value in fields:
        if name == b"content-length":
            length = _length(value, given=length)
        elif name == b"transfer-encoding":
            coding = _coding(value, version, given=coding)
        elif name == b"connection":
            reusable = reusable and not _asks_to_close(value)
        elif match := _KEEP_ALIVE_TIMEOUT.search(value):
            idle = float(match[1])
    # Cases in the order of RFC 9112 §6.3: no body by nature, a transfer coding, a length, the close.
    if to_head or status in (204, 304):
        return Framing(kind=BodyKind.NONE, reusable=reusable, idle_seconds=idle)
    if coding is not None:
        if length is not None:
            raise UpstreamMalformed("the upstream gives both a length and a transfer coding")
        return Framing(kind=BodyKind.CHUNKED, reusable=reusable, idle_seconds=idle)
    if length is not None:
        kind = BodyKind.LENGTH if length else BodyKind.NONE
        return Framing(kind=kind, length=length, reusable=reusable, idle_seconds=idle)
    return Framing(kind=BodyKind.UNTIL_CLOSE, reusable=False)


def _length(value: bytes, *, given: int | None) -> int:
    if given is not None or not value.isdigit() or len(value) > 18:
        raise UpstreamMalformed("the upstream's content-length is not one number")
    return int(value)


def _coding(value: bytes, version: bytes, *, given: bytes | None) -> bytes:
    if given is not None or version != b"1.1" or value.lower() != b"chunked":
        raise UpstreamMalformed("the upstream uses a transfer coding that was not asked for")
    return value


def _asks_to_close(value: bytes) -> bool:
    return any(token.strip() == b"close" for token in value.lower().split(b","))
