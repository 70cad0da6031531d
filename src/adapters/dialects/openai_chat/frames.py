"""Frames of a compatible server's stream: server-sent events or, where it forgot them, JSON lines."""

from __future__ import annotations

from llm_gateway.adapters.dialects.server_sent_events import Event, EventParser, EventTooLarge
from llm_gateway.application.ports.dialect import MAX_EVENT_BYTES

_BOM = b"\xef\xbb\xbf"


class FrameParser:
    """The first byte that is not white space decides: a field or comment of events never begins with `{`."""

    __slots__ = ("_events", "_line", "_start")

    def __init__(self) -> None:
        self._events = EventParser()
        self._start: bytes | None = b""
        self._line: bytes | None = None

    def plain(self, data: bytes) -> list[bytes] | None:
        """The data of the events that `data` consists of, when it is nothing but whole events of one `data: `
        line each, as most reads are; None when `feed` has to look."""
        if self._start is not None or self._line is not None or not self._events.between:
            return None
        if data[:6] != b"data: " or data[-2:] != b"\n\n" or data.find(b"\r") >= 0:
            return None  # `in` would take twice as long: CPython tries the bytes as a number first
        events = data[6:-2].split(b"\n\ndata: ")
        return events if data.count(b"\n") == 2 * len(events) else None

    def feed(self, data: bytes) -> list[Event]:
        """Raises EventTooLarge."""
        if self._start is not None:
            data = self._start + data
            rest = data.removeprefix(_BOM).lstrip()
            if not rest or _BOM.startswith(rest):
                self._start = data[: len(_BOM)]
                return []
            self._start = None
            if rest[:1] == b"{":
                self._line = b""
                data = rest
        return self._events.feed(data) if self._line is None else self._lines(self._line + data)

    def close(self) -> list[Event]:
        """What an end without a blank line held back."""
        if self._line is None:
            return self._events.close()
        rest, self._line = self._line.strip(), b""
        return [_event(rest)] if rest else []

    def _lines(self, data: bytes) -> list[Event]:
        *lines, self._line = data.split(b"\n")
        if len(self._line) > MAX_EVENT_BYTES:
            raise EventTooLarge(f"a line is longer than {MAX_EVENT_BYTES} bytes")
        return [_event(text) for line in lines if (text := line.strip())]


def _event(line: bytes) -> Event:
    return Event(b"", line.removeprefix(b"data:").strip())
