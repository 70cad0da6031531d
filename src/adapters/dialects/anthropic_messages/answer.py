"""Messages API answer to a hub answer (OpenAI chat completion)."""

from __future__ import annotations

from typing import Any

import msgspec

from llm_gateway.adapters.dialects.anthropic_messages import wire
from llm_gateway.adapters.dialects.anthropic_messages.citation import annotation
from llm_gateway.adapters.dialects.anthropic_messages.failure import event_failure
from llm_gateway.adapters.dialects.anthropic_messages.reasoning import (
    encrypted_detail,
    summary_detail,
    text_detail,
)
from llm_gateway.adapters.dialects.anthropic_messages.stop_reason import finish_reason
from llm_gateway.adapters.dialects.anthropic_messages.structured_output import TOOL_NAME
from llm_gateway.adapters.dialects.anthropic_messages.usage import hub_usage
from llm_gateway.application.ports.dialect import Answer, AnswerContext
from llm_gateway.domain.errors import UpstreamMalformed

_SERVICE_TIERS = {"standard": "default", "priority": "priority"}


def read_answer(body: bytes, context: AnswerContext) -> Answer:
    """Raises UpstreamMalformed, or what an error object inside a 200 means (UpstreamError)."""
    try:
        message = wire.decode_message(body)
        if wire.present(message.error):
            raise event_failure(message.error)
        if message.content is None:
            raise UpstreamMalformed("the provider's answer has no content")
        collected = _Collected()
        for block in message.content:
            collected.add(block)
    except wire.BROKEN as exc:
        raise UpstreamMalformed("the provider's answer is not a message") from exc
    reason = finish_reason(message.stop_reason, calls=bool(collected.tool_calls), emulated=collected.emulated)
    refusal = message.stop_details.explanation if message.stop_details else None
    usage = message.usage.to_domain() if message.usage else None
    completion: dict[str, Any] = {
        "id": message.id or context.id,
        "object": "chat.completion",
        "created": context.created,
        "model": message.model or context.model,
        "choices": [
            {
                "index": 0,
                "message": collected.message(refusal),
                "logprobs": None,
                "finish_reason": reason,
            }
        ],
    }
    if usage is not None:
        completion["usage"] = hub_usage(usage)
    if message.usage and (tier := _SERVICE_TIERS.get(message.usage.service_tier or "")):
        completion["service_tier"] = tier
    return Answer(
        body=wire.encode(completion), usage=usage, finish_reason=reason, model=message.model or None
    )


class _Collected:
    """What the content blocks amount to: one message of the hub."""

    def __init__(self) -> None:
        self.tool_calls: list[dict[str, Any]] = []
        self.emulated = False
        self._text: list[str] = []
        self._length = 0
        self._annotations: list[dict[str, Any]] = []
        self._thinking: list[str] = []
        self._details: list[dict[str, Any]] = []

    def add(self, block: msgspec.Raw) -> None:
        """Raises what decoding raises. Server tools' calls and results are the provider's own affair."""
        kind = wire.decode_head(block).type
        if kind == "text":
            self._add_text(wire.decode_text(block))
        elif kind == "tool_use":
            self._add_call(wire.decode_tool_use(block))
        elif kind == "thinking":
            thinking = wire.decode_thinking(block)
            self._thinking.append(thinking.thinking or "")
            self._details.append(text_detail(len(self._details), thinking.thinking or "", thinking.signature))
        elif kind == "redacted_thinking":
            data = wire.decode_redacted(block).data or ""
            self._details.append(encrypted_detail(len(self._details), data))
        elif kind == "compaction":
            if summary := wire.decode_compaction(block).content:
                self._details.append(summary_detail(len(self._details), summary))
        else:
            self._append(wire.stray_text(block))

    def message(self, refusal: str | None) -> dict[str, Any]:
        text = "".join(self._text)
        message: dict[str, Any] = {
            "role": "assistant",
            "content": text if text or not self.tool_calls else None,
            "refusal": refusal,
        }
        if self._annotations:
            message["annotations"] = self._annotations
        if self._thinking:
            message["reasoning_content"] = "".join(self._thinking)
        if self._details:
            message["reasoning_details"] = self._details
        if self.tool_calls:
            message["tool_calls"] = self.tool_calls
        return message

    def _add_text(self, block: wire.TextBlock) -> None:
        start = self._length
        self._append(block.text or "")
        for citation in block.citations or ():
            if made := annotation(citation, start, self._length):
                self._annotations.append(made)

    def _add_call(self, block: wire.ToolUseBlock) -> None:
        arguments = tool_arguments(block.input)
        if block.name == TOOL_NAME:
            self.emulated = True
            self._append(arguments)
            return
        self.tool_calls.append(
            {
                "id": block.id or "",
                "type": "function",
                "function": {"name": block.name or "", "arguments": arguments},
            }
        )

    def _append(self, text: str) -> None:
        self._text.append(text)
        self._length += len(text)


def tool_arguments(tool_input: msgspec.Raw) -> str:
    """The input as the provider wrote it, byte for byte; no input is an empty object."""
    return bytes(tool_input).decode() if wire.present(tool_input) else "{}"
