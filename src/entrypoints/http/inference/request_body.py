"""The body of an inference request, read whole and bounded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from llm_gateway.domain.errors import InvalidRequest, RequestTooLarge

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class ClientGone(Exception):
    """The client left before its request was complete."""


async def read_body(receive: Receive, declared: int | None, limit: int) -> bytes:
    """`declared` is the content-length, None when there was none.

    Raises RequestTooLarge as soon as it is known, ClientGone, InvalidRequest when the two lengths differ.
    """
    if declared is not None and declared > limit:
        raise _too_large(limit)
    pieces: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientGone
        piece: bytes = message.get("body", b"")
        more = message.get("more_body", False)
        size += len(piece)
        if size > limit:
            raise _too_large(limit)
        if not more and not pieces:
            return _checked(piece, declared)
        pieces.append(piece)
    return _checked(b"".join(pieces), declared)


def _checked(body: bytes, declared: int | None) -> bytes:
    if declared is not None and len(body) != declared:
        raise InvalidRequest("the body is not as long as its content-length says", code="invalid_http")
    return body


def _too_large(limit: int) -> RequestTooLarge:
    return RequestTooLarge(f"the body is larger than {limit} bytes (server.max_body)")
