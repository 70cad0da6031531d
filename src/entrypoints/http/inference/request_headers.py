"""What the inference plane reads of a request's headers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from llm_gateway.domain.errors import InvalidRequest, UnsupportedEncoding
from llm_gateway.domain.trace_context import parse_traceparent

_Names = tuple[str, ...] | frozenset[str]

_REQUEST_ID = re.compile(rb"[!-~]{1,128}")
# Two different values of one of these would let two readers see two different requests.
_ONCE = frozenset(
    {b"content-length", b"content-type", b"authorization", b"x-api-key", b"x-tenant-id", b"host"}
)


class RequestHeaders:
    """Lower-case names. Raises InvalidRequest for a critical header that came twice."""

    __slots__ = ("_values",)

    def __init__(self, raw: Sequence[tuple[bytes, bytes]]) -> None:
        self._values = dict(raw)
        if len(self._values) != len(raw):
            self._values = _joined(raw)

    def get(self, name: bytes) -> bytes | None:
        return self._values.get(name)

    def text(self, names: _Names) -> dict[str, str]:
        """The named ones that are there, as text."""
        if not names:
            return {}
        values = self._values
        return {name: values[key].decode("latin-1") for key, name in _as_bytes(names) if key in values}

    def content_length(self) -> int | None:
        """What the body is said to be long.

        Raises UnsupportedEncoding for a compressed one: its length would say nothing of what comes out.
        """
        encoding = self._values.get(b"content-encoding")
        if encoding is not None and encoding.strip().lower() not in (b"", b"identity"):
            raise UnsupportedEncoding("send the body as it is: no content-encoding is taken here")
        value = self._values.get(b"content-length")
        return int(value) if value is not None and value.isdigit() else None

    def request_id(self) -> str | None:
        """`X-Request-Id`, else `X-Correlation-Id`, when it is printable ASCII of at most 128 characters."""
        for name in (b"x-request-id", b"x-correlation-id"):
            value = self._values.get(name)
            if value is not None and _REQUEST_ID.fullmatch(value):
                return value.decode("ascii")
        return None

    def trace_id(self) -> str | None:
        """The trace id of a valid W3C `traceparent`."""
        value = self._values.get(b"traceparent")
        parent = None if value is None else parse_traceparent(value)
        return None if parent is None else parent.trace_id

    def client_retries(self) -> int:
        """How often the client's own SDK has retried (`x-stainless-retry-count`)."""
        value = self._values.get(b"x-stainless-retry-count")
        return int(value) if value is not None and value.isdigit() and len(value) < 4 else 0

    def idempotent(self) -> bool:
        return b"idempotency-key" in self._values


@lru_cache(maxsize=64)
def _as_bytes(names: _Names) -> tuple[tuple[bytes, str], ...]:
    return tuple((name.encode("latin-1"), name) for name in names)


def _joined(raw: Sequence[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Some name came more than once. As W3C Trace Context has it, several `traceparent`s are none and several
    `tracestate`s one list; of others the last counts."""
    values: dict[bytes, bytes] = {}
    for name, value in raw:
        if name not in values:
            values[name] = value
        elif name in _ONCE:
            raise InvalidRequest(f"the header {name.decode('latin-1')} came twice", code="duplicate_header")
        elif name == b"tracestate":
            values[name] += b"," + value
        else:
            values[name] = b"" if name == b"traceparent" else value
    return values
