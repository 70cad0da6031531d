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


_EMPTY = Framing(kind=BodyKind.NONE)
_CHUNKED = Framing(kind=BodyKind.CHUNKED)


def framing_of(
    status: int, version: bytes, fields: Sequence[tuple[bytes, bytes]], *, to_head: bool
) -> Framing:
    """Decide from the FRAMING_FIELDS of a head, names lower-case; `version` is `1.0` or `1.1`.

    Raises UpstreamMalformed for a transfer coding other than a single `chunked`, for both kinds of length at
    once, and for repeated or unreadable lengths.
    """
    lengths = [value for name, value in fields if name == b"content-length"]
    codings = [value for name, value in fields if name == b"transfer-encoding"]
    if not lengths and version == b"1.1" and len(fields) == 1 and codings and codings[0] == b"chunked":
        return _EMPTY if to_head or status in (204, 304) else _CHUNKED
    reusable = version == b"1.1" and not _asks_to_close(fields)
    idle = _promised_idle(fields)
    # Cases in the order of RFC 9112 §6.3: no body by nature, a transfer coding, a length, the close.
    if to_head or status in (204, 304):
        return Framing(kind=BodyKind.NONE, reusable=reusable, idle_seconds=idle)
    if codings:
        if lengths:
            raise UpstreamMalformed("the upstream gives both a length and a transfer coding")
        if version != b"1.1" or len(codings) != 1 or codings[0].lower() != b"chunked":
            raise UpstreamMalformed("the upstream uses a transfer coding that was not asked for")
        return Framing(kind=BodyKind.CHUNKED, reusable=reusable, idle_seconds=idle)
    if lengths:
        length = _length(lengths)
        kind = BodyKind.LENGTH if length else BodyKind.NONE
        return Framing(kind=kind, length=length, reusable=reusable, idle_seconds=idle)
    return Framing(kind=BodyKind.UNTIL_CLOSE, reusable=False)


def _length(values: list[bytes]) -> int:
    if len(values) != 1 or not values[0].isdigit() or len(values[0]) > 18:
        raise UpstreamMalformed("the upstream's content-length is not one number")
    return int(values[0])


def _asks_to_close(fields: Sequence[tuple[bytes, bytes]]) -> bool:
    return any(
        name == b"connection" and any(token.strip() == b"close" for token in value.lower().split(b","))
        for name, value in fields
    )


def _promised_idle(fields: Sequence[tuple[bytes, bytes]]) -> float | None:
    for name, value in fields:
        if name == b"keep-alive" and (match := _KEEP_ALIVE_TIMEOUT.search(value)):
            return float(match[1])
    return None
