"""What the inference plane reads of a request's headers."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from llm_gateway.domain.errors import InvalidRequest, UnsupportedEncoding

_REQUEST_ID = re.compile(rb"[!-~]{1,128}")
_TRACEPARENT = re.compile(rb"[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}")
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
            _refuse_repeated(raw)

    def get(self, name: bytes) -> bytes | None:
        return self._values.get(name)

    def text(self, names: Collection[str]) -> dict[str, str]:
        """The named ones that are there, as text. `names` must be hashable: a tuple or a frozenset."""
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
        match = None if value is None else _TRACEPARENT.fullmatch(value)
        return match[1].decode("ascii") if match else None

    def client_retries(self) -> int:
        """How often the client's own SDK has retried (`x-stainless-retry-count`)."""
        value = self._values.get(b"x-stainless-retry-count")
        return int(value) if value is not None and value.isdigit() and len(value) < 4 else 0

    def idempotent(self) -> bool:
        return b"idempotency-key" in self._values


@lru_cache(maxsize=64)
def _as_bytes(names: Collection[str]) -> tuple[tuple[bytes, str], ...]:
    return tuple((name.encode("latin-1"), name) for name in names)


def _refuse_repeated(raw: Sequence[tuple[bytes, bytes]]) -> None:
    seen = set()
    for name, _ in raw:
        if name in seen and name in _ONCE:
            raise InvalidRequest(f"the header {name.decode('latin-1')} came twice", code="duplicate_header")
        seen.add(name)
