"""Request head: an UpstreamRequest as HTTP/1.1 bytes, with header injection ruled out.

Each line adds exactly one CR and one LF, so counting control characters in the joined head finds any that
a value brought along: one pass in C instead of a look at every value.
"""

from __future__ import annotations

import re
from functools import lru_cache

from llm_gateway.adapters.upstream_transport.origin import Origin
from llm_gateway.application.ports.upstream_transport import UpstreamRequest
from llm_gateway.domain.errors import InvalidRequest

_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110 §5.6.2
_TARGET = re.compile(r"/[\x21\x22\x24-\x7e]*")  # printable ASCII but for a fragment's "#"
_CONTROLS = bytes([*range(9), *range(10, 32), 127])
_METHODS_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
# The transport alone decides how a message is framed: a second opinion is how requests are smuggled.
_OWNED = frozenset(
    {
        b"host",
        b"content-length",
        b"connection",
        b"transfer-encoding",
        b"upgrade",
        b"expect",
        b"te",
        b"trailer",
    }
)


_ACCEPT_ENCODING = b"\r\naccept-encoding: "


def request_head(request: UpstreamRequest, origin: Origin) -> bytes:
    """The request line and header fields up to and including the empty line (RFC 9112 §3).

    Adds `host`, `content-length` and, unless present, `accept-encoding: identity`. Raises InvalidRequest
    for a control character (but TAB) anywhere, a bad method, target or field name, and for fields that the
    transport owns. Its message never repeats a value.
    """
    fields = request.headers if isinstance(request.headers, tuple) else tuple(request.headers)
    head = _without_length(request.method, request.target, origin.authority, fields)
    if request.body or request.method in _METHODS_WITH_BODY:
        return b"%bcontent-length: %d\r\n\r\n" % (head, len(request.body))
    return head + b"\r\n"


# An account's fields are the same from request to request; only the length differs.
@lru_cache(maxsize=256)
def _without_length(
    method: str, target: str, authority: bytes, fields: tuple[tuple[bytes, bytes], ...]
) -> bytes:
    parts = [_start(method, target), authority]
    lines = 2 + len(fields)  # the request line and `host` are always there
    asks_for_encoding = False
    for name, value in fields:
        field = _field(name)
        if field is _ACCEPT_ENCODING:
            asks_for_encoding = True
        parts.append(field)
        parts.append(value)
    if not asks_for_encoding:
        parts.append(b"\r\naccept-encoding: identity")
        lines += 1
    parts.append(b"\r\n")
    head = b"".join(parts)
    if len(head) - len(head.translate(None, _CONTROLS)) != 2 * lines:
        raise InvalidRequest("a header value for the upstream holds a CR, LF, NUL or other control character")
    return head


@lru_cache(maxsize=1024)
def _start(method: str, target: str) -> bytes:
    if not method.isascii() or _TOKEN.fullmatch(method.encode("ascii")) is None:
        raise InvalidRequest("the method of an upstream request is not a token")
    if _TARGET.fullmatch(target) is None:
        raise InvalidRequest("the target of an upstream request must be printable ASCII that begins with /")
    return f"{method} {target} HTTP/1.1\r\nhost: ".encode("ascii")


@lru_cache(maxsize=1024)
def _field(name: bytes) -> bytes:
    if _TOKEN.fullmatch(name) is None:
        raise InvalidRequest("a header name for the upstream is not a token")
    lowered = name.lower()
    if lowered in _OWNED:
        raise InvalidRequest(f"the header {lowered.decode('ascii')} is written by the transport alone")
    return _ACCEPT_ENCODING if lowered == b"accept-encoding" else b"\r\n%b: " % lowered
