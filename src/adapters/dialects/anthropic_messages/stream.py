"""Messages API stream to hub chunks, event by event.

What is sent when: nothing before the first content; the role with the first content; the finish reason,
the usage and `[DONE]` with `message_stop`, which alone is the end (`message_delta` may come several times).
"""

from __future__ import annotations

import msgspec

from llm_gateway.adapters.dialects.anthropic_messages import chunks, wire
from llm_gateway.adapters.dialects.anthropic_messages.answer import tool_arguments
from llm_gateway.adapters.dialects.anthropic_messages.citation import annotation
from llm_gateway.adapters.dialects.anthropic_messages.failure import event_failure
from llm_gateway.adapters.dialects.anthropic_messages.reasoning import (
    encrypted_detail,
    summary_detail,
    text_detail,
)
from llm_gateway.adapters.dialects.anthropic_messages.stop_reason import finish_reason
from llm_gateway.adapters.dialects.anthropic_messages.structured_output import TOOL_NAME
from llm_gateway.adapters.dialects.anthropic_messages.usage import WireUsage
from llm_gateway.adapters.dialects.server_sent_events import EventParser, EventTooLarge
from llm_gateway.application.ports.dialect import AnswerContext
from llm_gateway.domain.errors import UpstreamDisconnected, UpstreamError, UpstreamMalformed
from llm_gateway.domain.usage import Usage


class _Block:
    """A content block that has started. `number` is the tool call's or the reasoning detail's."""

    __slots__ = ("citations", "fragments", "input", "kind", "number", "start")

    def __init__(self, kind: str, number: int = 0, start: int = 0, input: msgspec.Raw = wire.NOTHING) -> None:
        self.kind = kind
        self.number = number
        self.start = start
        self.input = input
        self.fragments = False
        self.citations: list[msgspec.Raw] = []


class AnthropicMessagesStream:
    """Implements StreamReader."""

    __slots__ = (
        "_blocks",
        "_calls",
        "_context",
        "_counts",
        "_details",
        "_emulated",
        "_length",
        "_parser",
        "_refusal",
        "_started",
        "_stop_reason",
        "_writer",
        "committed",
        "failure",
        "finish_reason",
        "finished",
        "model",
        "usage",
    )

    def __init__(self, context: AnswerContext) -> None:
        self._context = context
        self._parser = EventParser()
        self._blocks: dict[int, _Block] = {}
        self._calls = 0
        self._details = 0
        self._length = 0  # characters of content so far: where a citation's text begins
        self._emulated = False
        self._counts: WireUsage | None = None
        self._stop_reason: str | None = None
        self._refusal: str | None = None
        self._started: str | None = None  # id of the message that has begun
        self._writer = self._new_writer(None)
        self.model: str | None = None
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
        if len(events) == 1:
            return self._take(events[0].data)
        out: list[bytes] = []
        for event in events:
            out.append(self._take(event.data))
            if self.failure is not None or self.finished:
                break
        return b"".join(out)

    def close(self) -> bytes:
        if self.failure is not None or self.finished:
            return b""
        out = b"".join(self._take(event.data) for event in self._parser.close())
        # A last event that was torn in the middle is a cut, not the provider's nonsense.
        if not self.finished and (self.failure is None or isinstance(self.failure, UpstreamMalformed)):
            self.failure = UpstreamDisconnected("the provider ended its stream before message_stop")
        return out

    def _take(self, data: bytes) -> bytes:
        try:
            event = wire.decode_event(data)
            kind = event.type
            if kind == "content_block_delta":
                return self._delta(event.index, event.delta) if event.delta is not None else b""
            if kind == "content_block_start":
                return self._block_start(event.index, event.content_block)
            if kind == "content_block_stop":
                return self._block_stop(event.index)
            if kind == "message_start":
                return self._message_start(event.message)
            if kind == "message_delta":
                return self._message_delta(event)
            if kind == "message_stop":
                return self._message_stop()
            if kind == "error" or wire.present(event.error):
                self.failure = event_failure(event.error)
        except wire.BROKEN:
            self.failure = UpstreamMalformed("the provider sent an event that is not one of its protocol")
        return b""

    def _delta(self, index: int, delta: wire.Delta) -> bytes:
        kind = delta.type
        if kind == "text_delta":
            return self._text(delta.text)
        if kind == "input_json_delta":
            return self._input_fragment(index, delta.partial_json)
        if kind == "thinking_delta":
            return self._reasoning(index, text=delta.thinking) if delta.thinking else b""
        if kind == "signature_delta":
            return self._reasoning(index, signature=delta.signature) if delta.signature else b""
        if kind == "citations_delta":
            if (block := self._blocks.get(index)) is not None and delta.citation:
                block.citations.append(delta.citation)
            return b""
        if kind == "compaction_delta":
            return self._compaction(delta.content)
        return self._text(delta.text)  # of a type yet to come: its text is not lost

    def _text(self, text: str | None) -> bytes:
        if not text:
            return b""
        self._length += len(text)
        return self._send(chunks.content(text))

    def _reasoning(self, index: int, text: str | None = None, signature: str | None = None) -> bytes:
        block = self._blocks.get(index)
        number = block.number if block is not None else index
        return self._send(chunks.reasoning(text, [text_detail(number, text, signature)]))

    def _compaction(self, summary: msgspec.Raw) -> bytes:
        text = wire.decode_any(summary) if summary else None
        if not isinstance(text, str) or not text:
            return b""
        self._details += 1
        return self._send(chunks.reasoning(None, [summary_detail(self._details - 1, text)]))

    def _input_fragment(self, index: int, fragment: str | None) -> bytes:
        block = self._blocks.get(index)
        if not fragment or block is None:
            return b""
        if block.kind == "tool":
            block.fragments = True
            return self._send(chunks.tool_call_arguments(block.number, fragment))
        if block.kind == "emulated":
            block.fragments = True
            return self._text(fragment)
        return b""  # input of a server tool: the provider runs it itself

    def _block_start(self, index: int, raw: msgspec.Raw) -> bytes:
        kind = wire.decode_head(raw).type
        if kind == "text":
            self._blocks[index] = block = _Block("text", start=self._length)
            begun = wire.decode_text(raw)
            block.citations.extend(begun.citations or ())
            return self._text(begun.text)
        if kind == "tool_use":
            return self._tool_start(index, wire.decode_tool_use(raw))
        if kind == "thinking":
            self._blocks[index] = _Block("thinking", self._next_detail())
            thinking = wire.decode_thinking(raw)
            if thinking.thinking or thinking.signature:
                return self._reasoning(index, thinking.thinking, thinking.signature or None)
            return b""
        if kind == "redacted_thinking":
            detail = encrypted_detail(self._next_detail(), wire.decode_redacted(raw).data or "")
            return self._send(chunks.reasoning(None, [detail]))
        self._blocks[index] = _Block("other")
        if kind == "compaction":
            return self._compaction(msgspec.Raw(wire.encode(wire.decode_compaction(raw).content)))
        return self._text(wire.stray_text(raw))

    def _tool_start(self, index: int, tool: wire.ToolUseBlock) -> bytes:
        if tool.name == TOOL_NAME:
            self._emulated = True
            self._blocks[index] = _Block("emulated", input=tool.input)
            return b""
        self._blocks[index] = block = _Block("tool", self._calls, input=tool.input)
        self._calls += 1
        return self._send(chunks.tool_call_start(block.number, tool.id or "", tool.name or ""))

    def _block_stop(self, index: int) -> bytes:
        block = self._blocks.pop(index, None)
        if block is None:
            return b""
        if block.kind in ("tool", "emulated") and not block.fragments:
            # The input came whole with the start, or is empty: `{}`.
            arguments = tool_arguments(block.input)
            if block.kind == "emulated":
                return self._text(arguments)
            return self._send(chunks.tool_call_arguments(block.number, arguments))
        if block.citations:
            made = [annotation(citation, block.start, self._length) for citation in block.citations]
            if found := [one for one in made if one is not None]:
                return self._send(wire.encode({"annotations": found}))
        return b""

    def _message_start(self, message: wire.Message | None) -> bytes:
        message = message or wire.Message()
        if self._started is not None:
            if self._blocks or message.id != self._started or self.committed:
                self.failure = UpstreamMalformed("the provider began a second message inside the first")
            return b""  # some proxies repeat the first event
        self._started = message.id or ""
        self.model = message.model or None
        self._writer = self._new_writer(message)
        self._count(message.usage)
        self._stop_reason = message.stop_reason
        # Programmatic tool calling resumes with an answer that is complete from its first event on.
        out = [
            self._block_start(index, block) + self._block_stop(index)
            for index, block in enumerate(message.content or ())
        ]
        return b"".join(out)

    def _message_delta(self, event: wire.StreamEvent) -> bytes:
        self._count(event.usage)
        if event.delta is not None:
            self._stop_reason = event.delta.stop_reason or self._stop_reason
            if event.delta.stop_details is not None:
                self._refusal = event.delta.stop_details.explanation
        return b""

    def _message_stop(self) -> bytes:
        out = [self._block_stop(index) for index in sorted(self._blocks)]
        if self._refusal:
            out.append(self._send(wire.encode({"refusal": self._refusal})))
        reason = finish_reason(self._stop_reason, calls=self._calls > 0, emulated=self._emulated)
        if not self.committed:
            out.append(self._send(None))
        out.append(self._writer.finish(reason))
        if self.usage is not None:
            out.append(self._writer.usage(self.usage))
        out.append(chunks.DONE)
        self.finish_reason = reason
        self.finished = True
        return b"".join(out)

    def _send(self, delta: bytes | None) -> bytes:
        """One chunk, with the role in front of the very first."""
        made = self._writer.delta(delta) if delta is not None else b""
        if self.committed:
            return made
        self.committed = True
        return self._writer.delta(chunks.ROLE) + made

    def _count(self, usage: WireUsage | None) -> None:
        if usage is not None:
            self._counts = self._counts.updated(usage) if self._counts is not None else usage
            self.usage = self._counts.to_domain()

    def _next_detail(self) -> int:
        self._details += 1
        return self._details - 1

    def _new_writer(self, message: wire.Message | None) -> chunks.ChunkWriter:
        context = self._context
        return chunks.ChunkWriter(
            id=(message.id if message else None) or context.id,
            created=context.created,
            model=(message.model if message else None) or context.model,
            include_usage=context.include_usage,
        )
