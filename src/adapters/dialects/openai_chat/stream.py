"""OpenAI stream: events that keep to the format pass through whole, those that bend it are repaired.

What counts as the end: `[DONE]` after every choice that was seen has its `finish_reason`, or after a usage
report (some upstreams never send a finish reason: the natural one is then said for them), or the end of the
bytes after all finish reasons (some never send `[DONE]`). Anything else is a cut stream.

The usage chunk comes out last and once, whether the upstream reported as OpenAI does, in its last content
chunk, in every chunk, or twice.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from llm_gateway.adapters.dialects.openai_chat.chunk import Chunk, decode_chunk
from llm_gateway.adapters.dialects.openai_chat.document import members, read_document, write_document
from llm_gateway.adapters.dialects.openai_chat.failure import failure_from
from llm_gateway.adapters.dialects.openai_chat.finish_reason import natural_end
from llm_gateway.adapters.dialects.openai_chat.frames import FrameParser
from llm_gateway.adapters.dialects.openai_chat.repaired_chunk import repaired_chunk, reported_usage
from llm_gateway.adapters.dialects.openai_chat.repaired_usage import repaired_usage, wire_usage
from llm_gateway.adapters.dialects.openai_chat.stream_state import StreamState
from llm_gateway.adapters.dialects.openai_chat.wire import WireUsage
from llm_gateway.adapters.dialects.server_sent_events import Event, EventTooLarge
from llm_gateway.application.ports.dialect import AnswerContext
from llm_gateway.domain.errors import UpstreamDisconnected, UpstreamError, UpstreamMalformed
from llm_gateway.domain.usage import Usage

DONE = b"data: [DONE]\n\n"
_SAYS_MORE = re.compile(rb'"(?:usage|error)"')


class OpenAIChatStream:
    """Implements StreamReader."""

    __slots__ = (
        "_frames",
        "_include_usage",
        "_last_usage",
        "_state",
        "committed",
        "failure",
        "finish_reason",
        "finished",
        "usage",
    )

    def __init__(self, context: AnswerContext) -> None:
        self._frames = FrameParser()
        self._include_usage = context.include_usage
        self._last_usage = b""  # the event that reports it, until the end is certain
        self._state = StreamState(context)
        self.committed = False
        self.finished = False
        self.failure: UpstreamError | None = None
        self.usage: Usage | None = None
        self.finish_reason: str | None = None

    @property
    def model(self) -> str | None:
        return self._state.named

    def feed(self, data: bytes) -> bytes:
        if self.failure is not None or self.finished:
            return b""
        plain = self._frames.plain(data)
        if plain is not None and self._goes_on(plain):
            return data
        try:
            events = self._frames.feed(data)
        except EventTooLarge as exc:
            self.failure = UpstreamMalformed(str(exc))
            return b""
        return self._take_all(events)

    def close(self) -> bytes:
        if self.failure is not None or self.finished:
            return b""
        out = self._take_all(self._frames.close())
        if isinstance(self.failure, UpstreamMalformed):
            self.failure = None  # what came last was cut, which the end below judges
        if self.failure is None and not self.finished:
            if self._state.all_finished:
                return out + self._end()
            self.failure = UpstreamDisconnected("the upstream ended its stream before its end")
        return out

    def _goes_on(self, events: list[bytes]) -> bool:
        """Whether all that the events bring is more of choices that have begun to speak, as most do.

        They pass as they came and leave no trace. `_take` would find the same, at a multiple of the cost.
        """
        is_continued_by = self._state.is_continued_by
        try:
            for event in events:
                if not is_continued_by(decode_chunk(event)):
                    return False
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        return True

    @property
    def _over(self) -> bool:
        return self.finished or self.failure is not None

    def _take_all(self, events: list[Event]) -> bytes:
        out: list[bytes] = []
        try:
            if len(events) == 1:
                return self._take(events[0])
            for event in events:
                out.append(self._take(event))
                if self._over:
                    break
        except UpstreamError as exc:
            self.failure = exc
        return b"".join(out)

    def _take(self, event: Event) -> bytes:
        data = event.data
        if data == b"[DONE]":
            return self._done()
        if event.event != b"error":
            try:
                chunk = decode_chunk(data)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                return self._repair(event)
            if self._passes(chunk):
                return self._pass(data, chunk)
        return self._repair(event)

    def _passes(self, chunk: Chunk) -> bool:
        if not chunk.choices:
            # What comes before the first choice is held, so that the first chunk has the role.
            return bool(self._state.choices) and self._state.accepts(chunk)
        if chunk.usage is not None and self._include_usage:
            return False
        if chunk.x_groq and _SAYS_MORE.search(bytes(chunk.x_groq)):
            return False
        return self._state.accepts(chunk)

    def _pass(self, data: bytes, chunk: Chunk) -> bytes:
        # JSON text never needs a raw line feed, but an event may have been sent as several data lines.
        out = b"data: %b\n\n" % (data if b"\n" not in data else data.replace(b"\n", b" "))
        if chunk.usage is not None:
            news = self._report(chunk.usage)
            if not chunk.choices:
                self._last_usage = out if news else self._last_usage
                return b""
        for choice in chunk.choices:
            if choice.finish_reason is not None:
                self.finish_reason = choice.finish_reason
        self.committed = self.committed or self._state.has_content
        return out

    def _repair(self, event: Event) -> bytes:
        data = event.data.strip()
        if data == b"[DONE]":
            return self._done()
        if not data:
            return b""
        try:
            document = read_document(data)
        except UpstreamMalformed:
            lines = data.split(b"\n")
            if len(lines) == 1:
                raise
            return b"".join(self._take(Event(event.event, line)) for line in lines if not self._over)
        if not isinstance(document, dict):
            raise UpstreamMalformed("the upstream sent an event that is not a chunk")
        _raise_error(event.event, document)
        return self._repaired(document)

    def _repaired(self, document: dict[str, Any]) -> bytes:
        usage = repaired_usage(reported_usage(document))
        news = usage is not None and self._report(wire_usage(usage))
        if not document.get("choices"):
            if usage is None and not self._state.choices:
                self._state.hold(document)
                return b""
            if usage is None and "choices" not in document:
                return b""  # a ping of some kind
        chunk = repaired_chunk(document, self._state)
        if usage is not None and self._include_usage:
            if news:
                shared = chunk if not chunk["choices"] else self._state.head(chunk)
                self._last_usage = _event({**shared, "choices": [], "usage": usage})
            chunk["usage"] = None
        if not chunk["choices"] and usage is not None:
            return b""
        for choice in chunk["choices"]:
            self.finish_reason = choice["finish_reason"] or self.finish_reason
        self.committed = self.committed or self._state.has_content
        return _event(chunk)

    def _report(self, usage: WireUsage) -> bool:
        """Whether it says more than what is known: nothing counted at last does not undo a count."""
        reported = usage.to_domain()
        if self.usage is not None and not (reported.input_tokens or reported.output_tokens):
            return False
        self.usage = reported
        return True

    def _done(self) -> bytes:
        if self._state.all_finished:
            return self._end()
        if self.usage is not None:
            return self._natural_end() + self._end()
        self.failure = UpstreamDisconnected("the upstream ended its stream before any finish reason")
        return b""

    def _natural_end(self) -> bytes:
        """The last chunk that an upstream left out of a stream that it says is complete."""
        state = self._state
        choices = []
        for index in state.unfinished:
            choice = state.choices[index]
            choice.finish_reason = self.finish_reason = natural_end(called=bool(choice.call_ids))
            choices.append(
                {"index": index, "delta": {}, "logprobs": None, "finish_reason": choice.finish_reason}
            )
        return _event({**state.head({}), "choices": choices}) if choices else b""

    def _end(self) -> bytes:
        self.finished = self.committed = True
        return self._last_usage + DONE if self._include_usage else DONE


def _event(chunk: dict[str, Any]) -> bytes:
    return b"data: %b\n\n" % write_document(chunk)


def _raise_error(event: bytes, document: dict[str, Any]) -> None:
    """An error frame: named so, with an error member, or an error object where a chunk should be."""
    error = document.get("error") or members(document.get("x_groq")).get("error")
    if error:
        raise failure_from(200, error)
    is_error = event == b"error" or document.get("object") == "error"
    if is_error or ("choices" not in document and isinstance(document.get("message"), str)):
        raise failure_from(200, document)
