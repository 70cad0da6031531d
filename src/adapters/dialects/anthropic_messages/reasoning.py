"""Thinking blocks as `reasoning_content` and `reasoning_details`, and back with signatures unaltered.

`reasoning_content` is DeepSeek's convention (text only); `reasoning_details` is OpenRouter's published
list, which a client that sends it back gets restored to the blocks that the API asks for in the next turn.
"""

from __future__ import annotations

from typing import Any

FORMAT = "anthropic-claude-v1"


def text_detail(index: int, text: str | None, signature: str | None) -> dict[str, Any]:
    detail: dict[str, Any] = {"type": "reasoning.text"}
    if text is not None:
        detail["text"] = text
    if signature is not None:
        detail["signature"] = signature
    return {**detail, "format": FORMAT, "index": index}


def encrypted_detail(index: int, data: str) -> dict[str, Any]:
    return {"type": "reasoning.encrypted", "data": data, "format": FORMAT, "index": index}


def summary_detail(index: int, summary: str) -> dict[str, Any]:
    """A compaction block: what the provider replaced the earlier conversation with."""
    return {"type": "reasoning.summary", "summary": summary, "format": FORMAT, "index": index}


def thinking_blocks(details: Any) -> list[dict[str, Any]]:
    """The blocks that an assistant message's `reasoning_details` stand for; none when it has none.

    A client that collected a stream without merging sends text in many items and the signature in its
    own one: items of one index belong together until the signature closes them. Text that was never
    signed is left out, because the API refuses it; so is what another provider produced.
    """
    blocks: list[dict[str, Any]] = []
    text: list[str] = []
    open_index: Any = None
    for detail in details if isinstance(details, list) else ():
        if not isinstance(detail, dict) or detail.get("format") not in (FORMAT, None):
            continue
        kind, index = detail.get("type"), detail.get("index")
        if kind == "reasoning.encrypted" and isinstance(detail.get("data"), str):
            blocks.append({"type": "redacted_thinking", "data": detail["data"]})
        elif kind == "reasoning.text":
            if index != open_index:
                text, open_index = [], index
            text.append(detail.get("text") or "")
            if signature := detail.get("signature"):
                blocks.append({"type": "thinking", "thinking": "".join(text), "signature": signature})
                text = []
    return blocks
