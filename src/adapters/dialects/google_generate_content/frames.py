"""Frames: the JSON documents of a response stream, bytes split anywhere.

Three forms are seen: server-sent events (`alt=sse`), a JSON array of responses (without it), and a bare JSON
object, which is an error that came before the stream, or in the middle of one, outside of any event.
"""

from __future__ import annotations

import re

from llm_gateway.adapters.dialects.server_sent_events import EventParser, EventTooLarge
from llm_gateway.application.ports.dialect import MAX_EVENT_BYTES

_STRUCTURE = re.compile(rb'["\\{}\[\]]')
_BARE = re.compile(rb"(?:^|[\r\n])[\[{]")
_BOM = b"\xef\xbb\xbf"


class Frames:
    """`feed` returns the documents that the bytes complete; `close` what a missing final newline held back.

    `holding` says, after `close`, that a document began and never ended.
    """

    __slots__ = ("_at_line_start", "_events", "_json", "_started", "holding")

    def __init__(self) -> None:
        self._events = EventParser()
        self._json: JsonSequence | None = None
        self._at_line_start = True
        self._started = False
        self.holding = False

    def feed(self, data: bytes) -> list[bytes]:
        """Raises EventTooLarge."""
        if self._json is not None:
            return self._json.feed(data)
        if not self._started:
            data = data.lstrip(b" \t\r\n" + _BOM)
            self._started = bool(data)
        if not data:
            return []
        at = self._bare(data)
        self._at_line_start = data[-1:] in (b"\n", b"\r")
        if at is None:
            return [event.data for event in self._events.feed(data)]
        documents = [event.data for event in self._events.feed(data[:at] + b"\n\n")]
        self._json = JsonSequence()
        return documents + self._json.feed(data[at:])

    def close(self) -> list[bytes]:
        if self._json is not None:
            self.holding = self._json.holding
            return []
        return [event.data for event in self._events.close()]

    def _bare(self, data: bytes) -> int | None:
        """Where a line begins with JSON instead of a field name. No event of SSE has such a line."""
        if self._at_line_start and data[:1] in (b"{", b"["):
            return 0
        if b"\n{" not in data and b"\n[" not in data and b"\r{" not in data and b"\r[" not in data:
            return None
        match = _BARE.search(data, 1) if data[:1] in (b"{", b"[") else _BARE.search(data)
        return match.end() - 1 if match is not None else None


class JsonSequence:
    """Objects out of `[{…},{…}]` or `{…}`, found by their brackets; what is between them is passed over."""

    __slots__ = ("_buffer", "_depth", "_in_string", "_limit", "_position", "_start")

    def __init__(self, limit: int = MAX_EVENT_BYTES) -> None:
        self._buffer = b""
        self._limit = limit
        self._position = 0
        self._depth = 0
        self._in_string = False
        self._start = -1

    @property
    def holding(self) -> bool:
        return self._depth > 0

    def feed(self, data: bytes) -> list[bytes]:
        """Raises EventTooLarge."""
        self._buffer += data
        found: list[bytes] = []
        size = len(self._buffer)
        while match := _STRUCTURE.search(self._buffer, self._position):
            self._position = match.end()
            mark = match.group()
            if self._in_string:
                if mark == b"\\":
                    if self._position >= size:
                        self._position = match.start()  # what it escapes is still to come
                        break
                    self._position += 1
                elif mark == b'"':
                    self._in_string = False
            elif mark == b'"':
                self._in_string = True
            elif mark == b"{":
                self._depth += 1
                if self._depth == 1:
                    self._start = match.start()
            elif mark == b"}" and self._depth > 0:
                self._depth -= 1
                if self._depth == 0:
                    found.append(self._buffer[self._start : self._position])
                    self._start = -1
        else:
            self._position = size
        self._drop_read()
        return found

    def _drop_read(self) -> None:
        keep_from = self._start if self._start >= 0 else self._position
        if keep_from:
            self._buffer = self._buffer[keep_from:]
            self._position -= keep_from
            self._start = 0 if self._start >= 0 else -1
        if len(self._buffer) > self._limit:
            raise EventTooLarge(f"a document is longer than {self._limit} bytes")


__all__ = ["EventTooLarge", "Frames", "JsonSequence"]
