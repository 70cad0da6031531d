"""OpenAI stream: events pass through whole while usage, finish reasons and errors are read.

What counts as the end: `[DONE]` after every choice that was seen has its `finish_reason`, or after a usage
report (some upstreams never send a finish reason), or the end of the bytes after all finish reasons (some
never send `[DONE]`). Anything else is a cut stream.
"""

from __future__ import annotations

import msgspec

from llm_gateway.adapters.dialects.openai_chat.failure import failure_from
from llm_gateway.adapters.dialects.openai_chat.wire import WireUsage
from llm_gateway.adapters.dialects.server_sent_events import Event, EventParser, EventTooLarge
from llm_gateway.domain.errors import UpstreamDisconnected, UpstreamError, UpstreamMalformed
from llm_gateway.domain.usage import Usage

DONE = b"data: [DONE]\n\n"


class _Delta(msgspec.Struct):
    content: msgspec.Raw = msgspec.Raw()
    tool_calls: msgspec.Raw = msgspec.Raw()
    function_call: msgspec.Raw = msgspec.Raw()
    refusal: msgspec.Raw = msgspec.Raw()
    reasoning_content: msgspec.Raw = msgspec.Raw()
    reasoning: msgspec.Raw = msgspec.Raw()
    reasoning_details: msgspec.Raw = msgspec.Raw()
    audio: msgspec.Raw = msgspec.Raw()


class _Choice(msgspec.Struct):
    index: int = 0
    delta: _Delta | None = None
    finish_reason: str | None = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: WireUsage | None = None
    error: msgspec.Raw = msgspec.Raw()


_decode = msgspec.json.Decoder(_Chunk).decode
_decode_any = msgspec.json.Decoder().decode
_EMPTY = frozenset({b"null", b'""', b"[]", b"{}"})


class OpenAIChatStream:
    """Implements StreamReader."""

    __slots__ = (
        "_include_usage",
        "_parser",
        "_unfinished",
        "committed",
        "failure",
        "finish_reason",
        "finished",
        "usage",
    )

    def __init__(self, *, include_usage: bool) -> None:
        self._parser = EventParser()
        self._include_usage = include_usage
        self._unfinished: set[int] | None = None  # None until the first choice
        self.committed = False
        self.finished = False
        self.failure: UpstreamError | None = None
        self.usage: Usage | None = None
        self.finish_reason: str | None = None

    def feed(self, data: bytes) -> bytes:
        if self.failure is not None or self.finished:
            return b""
        try:
            events = self._parser.feed(data)
        except EventTooLarge as exc:
            self.failure = UpstreamMalformed(str(exc))
            return b""
        return self._take_all(events)

    def close(self) -> bytes:
        if self.failure is not None or self.finished:
            return b""
        out = self._take_all(self._parser.close())
        if self.failure is None and not self.finished:
            if self._all_finished():
                self.finished = True
                return out + DONE
            self.failure = UpstreamDisconnected("the upstream ended its stream before its end")
        return out

    def _take_all(self, events: list[Event]) -> bytes:
        out: list[bytes] = []
        for event in events:
            out.append(self._take(event.data))
            if self.failure is not None or self.finished:
                break
        return b"".join(out)

    def _take(self, data: bytes) -> bytes:
        if data == b"[DONE]":
            return self._done()
        try:
            chunk = _decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self.failure = UpstreamMalformed("the upstream sent an event that is not a chunk")
            return b""
        if chunk.error and bytes(chunk.error) != b"null":
            self.failure = failure_from(200, _decode_any(chunk.error))
            return b""
        if chunk.usage is not None:
            self.usage = chunk.usage.to_domain()
        if chunk.choices:
            self._note(chunk.choices)
        elif chunk.usage is not None and not self._include_usage:
            return b""
        # JSON text never needs a raw line feed, but an event may have been sent as several data lines.
        return b"data: %b\n\n" % (data if b"\n" not in data else data.replace(b"\n", b" "))

    def _note(self, choices: list[_Choice]) -> None:
        unfinished = self._unfinished
        if unfinished is None:
            unfinished = self._unfinished = set()
        for choice in choices:
            if choice.finish_reason:
                unfinished.discard(choice.index)
                self.finish_reason = choice.finish_reason
                self.committed = True
            elif self.finish_reason is None:
                unfinished.add(choice.index)
            if not self.committed and choice.delta is not None and _has_content(choice.delta):
                self.committed = True

    def _all_finished(self) -> bool:
        return self.finish_reason is not None and not self._unfinished

    def _done(self) -> bytes:
        if self._all_finished() or self.usage is not None:
            self.finished = self.committed = True
            return DONE
        self.failure = UpstreamDisconnected("the upstream said [DONE] before any finish reason")
        return b""


def _has_content(delta: _Delta) -> bool:
    for value in (
        delta.content,
        delta.tool_calls,
        delta.function_call,
        delta.refusal,
        delta.reasoning_content,
        delta.reasoning,
        delta.reasoning_details,
        delta.audio,
    ):
        if value and bytes(value) not in _EMPTY:
            return True
    return False
