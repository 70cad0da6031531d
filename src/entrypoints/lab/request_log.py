"""What the lab saw: the last requests with their outcome, and the connections, as plain JSON for tests.

Values of credential headers are not kept, only `sha256:` and the first 12 hexadecimal digits of their digest.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

MOST_REQUESTS = 1000
MOST_BODY_BYTES = 128 * 1024 * 1024
_SECRET = frozenset(
    {b"authorization", b"proxy-authorization", b"x-api-key", b"api-key", b"x-goog-api-key", b"cookie"}
)


@dataclass(slots=True, kw_only=True)
class RequestRecord:
    """Times are monotonic seconds; `events_sent` counts content events.

    `finished` means that the lab did all it was asked to do, a fault included; `client_gone` that the client
    left before. `body` is None once it was dropped to bound memory.
    """

    id: int
    method: str
    path: str
    headers: list[tuple[str, str]]
    arrived_at: float
    body: bytes | None
    body_length: int
    dialect: str | None = None
    model: str | None = None
    stream: bool | None = None
    fault: str | None = None
    status: int | None = None
    state: Literal["open", "finished", "client_gone"] = "open"
    ended_at: float | None = None
    client_gone_at: float | None = None
    events_sent: int = 0

    def finish(self, now: float) -> None:
        if self.state == "open":
            self.state, self.ended_at = "finished", now

    def lose_client(self, now: float) -> None:
        if self.state == "open":
            self.state, self.ended_at, self.client_gone_at = "client_gone", now, now

    def document(self) -> dict[str, Any]:
        names = (name for name in self.__slots__ if name != "body")
        return {name: getattr(self, name) for name in names}


class RequestLog:
    """The last 1,000 requests, numbered from 1; bodies up to 128 MiB together."""

    def __init__(self) -> None:
        self.records: deque[RequestRecord] = deque()
        self._next = 1
        self._body_bytes = 0

    def add(
        self,
        *,
        method: str,
        path: str,
        headers: Sequence[tuple[bytes, bytes]],
        body: bytes,
        now: float,
    ) -> RequestRecord:
        record = RequestRecord(
            id=self._next,
            method=method,
            path=path,
            headers=[_observed(name, value) for name, value in headers],
            arrived_at=now,
            body=body,
            body_length=len(body),
        )
        self._next += 1
        self._body_bytes += len(body)
        self.records.append(record)
        if len(self.records) > MOST_REQUESTS:
            self._drop_body(self.records.popleft())
        for old in self.records:
            if self._body_bytes <= MOST_BODY_BYTES:
                break
            self._drop_body(old)
        return record

    def find(self, number: int) -> RequestRecord | None:
        return next((record for record in self.records if record.id == number), None)

    def clear(self) -> None:
        self.records.clear()
        self._next, self._body_bytes = 1, 0

    def _drop_body(self, record: RequestRecord) -> None:
        self._body_bytes -= len(record.body or b"")
        record.body = None


@dataclass(slots=True)
class ConnectionCounts:
    """`open` and `total` connections, the one that asks included; `peak` the most open at once.

    `in_flight` is the inference requests being answered, `peak_in_flight` the most at once.
    """

    open: int = 0
    total: int = 0
    peak: int = 0
    in_flight: int = 0
    peak_in_flight: int = 0

    def opened(self) -> None:
        self.open += 1
        self.total += 1
        self.peak = max(self.peak, self.open)

    def closed(self) -> None:
        self.open -= 1

    def began(self) -> None:
        self.in_flight += 1
        self.peak_in_flight = max(self.peak_in_flight, self.in_flight)

    def ended(self) -> None:
        self.in_flight -= 1

    def reset(self) -> None:
        self.total = self.peak = self.open
        self.peak_in_flight = self.in_flight

    def document(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in self.__slots__}


def _observed(name: bytes, value: bytes) -> tuple[str, str]:
    text = value.decode("latin-1")
    if name in _SECRET:
        text = f"sha256:{hashlib.sha256(value).hexdigest()[:12]}"
    return name.decode("latin-1"), text
