"""Heads of the lab's HTTP answers."""

from __future__ import annotations

from http import HTTPStatus

import msgspec

_REASONS = {status.value: status.phrase for status in HTTPStatus} | {529: "Overloaded"}


def plain_head(
    status: int,
    length: int,
    *headers: tuple[bytes, bytes],
    keep_alive: bool,
    content_type: bytes = b"application/json",
) -> bytes:
    return _head(
        status,
        (b"content-type", content_type),
        (b"content-length", b"%d" % length),
        *headers,
        keep_alive=keep_alive,
    )


def stream_head(*headers: tuple[bytes, bytes], keep_alive: bool) -> bytes:
    return _head(
        200,
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-cache"),
        (b"transfer-encoding", b"chunked"),
        *headers,
        keep_alive=keep_alive,
    )


def json_response(status: int, document: object, *, keep_alive: bool) -> bytes:
    body = msgspec.json.encode(document)
    return plain_head(status, len(body), keep_alive=keep_alive) + body


def _head(status: int, *headers: tuple[bytes, bytes], keep_alive: bool) -> bytes:
    if not keep_alive:
        headers = (*headers, (b"connection", b"close"))
    reason = _REASONS.get(status, "Unknown").encode()
    lines = b"".join(b"%s: %s\r\n" % header for header in headers)
    return b"HTTP/1.1 %d %s\r\n%s\r\n" % (status, reason, lines)
