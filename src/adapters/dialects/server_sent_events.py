"""Incremental parser of server-sent events (WHATWG HTML §9.2.6), bytes split anywhere.

Lines end at CR, LF or CRLF only. `str.splitlines` and most HTTP clients' line iterators also split at
U+2028, U+0085, VT and FF, which are legal inside a JSON string: text that holds them would be torn.
"""

from __future__ import annotations

from typing import NamedTuple

from llm_gateway.application.ports.dialect import MAX_EVENT_BYTES

_BOM = b"\xef\xbb\xbf"


class Event(NamedTuple):
    """`event` is the type (`""` when not named), `data` the data lines joined by LF."""

    event: bytes
    data: bytes


class EventTooLarge(ValueError):
    """An event grew past the limit without ending."""


class EventParser:
    """`feed` returns the events that the bytes complete, `close` what a missing final blank line held back.

    Comments, `id` and `retry` fields are passed over; an event without a data line is no event.
    """

    __slots__ = ("_at_start", "_buffer", "_limit", "_pending_cr")

    def __init__(self, limit: int = MAX_EVENT_BYTES) -> None:
        self._buffer = b""
        self._limit = limit
        self._pending_cr = False
        self._at_start = True

    @property
    def holding(self) -> bool:
        """Whether an incomplete event is kept."""
        return bool(self._buffer.strip(b"\n"))

    @property
    def between(self) -> bool:
        """Whether the next byte begins an event: nothing is kept, nothing is awaited."""
        return not (self._buffer or self._pending_cr or self._at_start)

    def feed(self, data: bytes) -> list[Event]:
        """Raises EventTooLarge."""
        if self._pending_cr:
            self._pending_cr = False
            if data[:1] == b"\n":
                data = data[1:]
        if b"\r" in data:
            self._pending_cr = data.endswith(b"\r")
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        buffer = self._buffer + data if self._buffer else data
        if self._at_start and buffer:
            if buffer[:3] == _BOM:
                buffer = buffer[3:]
            elif _BOM.startswith(buffer):
                self._buffer = buffer
                return []
            self._at_start = False
        end = buffer.find(b"\n\n")
        if end < 0:
            self._keep(buffer)
            return []
        if end == len(buffer) - 2:  # one read, one event: how most of them come
            self._buffer = b""
            event = _parse(buffer[:end])
            return [] if event is None else [event]
        *blocks, rest = buffer.split(b"\n\n")
        self._keep(rest)
        return [event for block in blocks if (event := _parse(block)) is not None]

    def close(self) -> list[Event]:
        event = _parse(self._buffer)
        self._buffer = b""
        return [event] if event is not None else []

    def _keep(self, rest: bytes) -> None:
        if len(rest) > self._limit:
            raise EventTooLarge(f"an event is longer than {self._limit} bytes")
        self._buffer = rest


def _parse(block: bytes) -> Event | None:
    if block.startswith(b"data: ") and b"\n" not in block:
        return Event(b"", block[6:])
    name = b""
    data: list[bytes] = []
    for line in block.split(b"\n"):
        field, _, value = line.partition(b":")
        if value[:1] == b" ":
            value = value[1:]
        if field == b"data":
            data.append(value)
        elif field == b"event":
            name = value
        elif line[:1] == b"{":
            data.append(line)  # JSON that some servers send without its `data:`; no field begins so
    return Event(name, b"\n".join(data)) if data else None
