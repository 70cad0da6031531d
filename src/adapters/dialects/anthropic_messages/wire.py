"""What is read of Messages API answers and stream events. Everything else in them is passed over.

Source: Anthropic API reference, "Messages" and "Streaming messages". Members of which only some block
types have use are kept raw, so that a block of a type yet to come is never an error.
"""

from __future__ import annotations

import msgspec

from llm_gateway.adapters.dialects.anthropic_messages.usage import WireUsage

Raw = msgspec.Raw
NOTHING = Raw()


class BlockHead(msgspec.Struct):
    type: str = ""


class TextBlock(msgspec.Struct):
    text: str | None = None
    citations: list[Raw] | None = None


class ThinkingBlock(msgspec.Struct):
    thinking: str | None = None
    signature: str | None = None


class RedactedBlock(msgspec.Struct):
    data: str | None = None


class ToolUseBlock(msgspec.Struct):
    id: str | None = None
    name: str | None = None
    input: Raw = NOTHING


class CompactionBlock(msgspec.Struct):
    content: str | None = None


class StopDetails(msgspec.Struct):
    explanation: str | None = None


class Message(msgspec.Struct):
    id: str | None = None
    model: str | None = None
    content: list[Raw] | None = None
    stop_reason: str | None = None
    stop_details: StopDetails | None = None
    usage: WireUsage | None = None
    error: Raw = NOTHING


class Delta(msgspec.Struct):
    """`content_block_delta.delta` and `message_delta.delta` in one."""

    type: str = ""
    text: str | None = None
    partial_json: str | None = None
    thinking: str | None = None
    signature: str | None = None
    citation: Raw = NOTHING
    content: Raw = NOTHING
    stop_reason: str | None = None
    stop_details: StopDetails | None = None


class StreamEvent(msgspec.Struct):
    type: str = ""
    index: int = 0
    delta: Delta | None = None
    content_block: Raw = NOTHING
    message: Message | None = None
    usage: WireUsage | None = None
    error: Raw = NOTHING


decode_event = msgspec.json.Decoder(StreamEvent).decode
decode_message = msgspec.json.Decoder(Message).decode
decode_head = msgspec.json.Decoder(BlockHead).decode
decode_text = msgspec.json.Decoder(TextBlock).decode
decode_thinking = msgspec.json.Decoder(ThinkingBlock).decode
decode_redacted = msgspec.json.Decoder(RedactedBlock).decode
decode_tool_use = msgspec.json.Decoder(ToolUseBlock).decode
decode_compaction = msgspec.json.Decoder(CompactionBlock).decode
decode_any = msgspec.json.Decoder().decode
encode = msgspec.json.Encoder().encode

# What decoding bytes that a stranger sent may raise.
BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def present(member: Raw) -> bool:
    """Whether a raw member was there and not null."""
    return bool(member) and bytes(member) != b"null"


def stray_text(block: Raw) -> str:
    """The `text` of a block of an unknown type, so that no text is lost."""
    document = decode_any(block)
    text = document.get("text") if isinstance(document, dict) else None
    return text if isinstance(text, str) else ""
