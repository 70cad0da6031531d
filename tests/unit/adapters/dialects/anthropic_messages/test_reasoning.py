"""reasoning_details restored to thinking blocks."""

from __future__ import annotations

from llm_gateway.adapters.dialects.anthropic_messages.reasoning import (
    encrypted_detail,
    text_detail,
    thinking_blocks,
)


def test_a_signed_text_is_restored_unaltered() -> None:
    """Text and signature as they came."""
    block = {"type": "thinking", "thinking": "hm", "signature": "c2ln"}
    assert thinking_blocks([text_detail(0, "hm", "c2ln")]) == [block]


def test_pieces_of_a_stream_are_put_together() -> None:
    """A client that only appended sends text and signature in items of their own."""
    pieces = [text_detail(0, "a", None), text_detail(0, "b", None), text_detail(0, None, "s0")]
    more = [text_detail(1, "c", None), text_detail(1, None, "s1")]
    assert [block["thinking"] for block in thinking_blocks(pieces + more)] == ["ab", "c"]


def test_a_signature_without_text_is_a_block() -> None:
    """Newer models leave the text out and sign nothing but the fact."""
    assert thinking_blocks([text_detail(0, None, "s")])[0] == {
        "type": "thinking",
        "thinking": "",
        "signature": "s",
    }


def test_redacted_thinking_keeps_its_place() -> None:
    """Between two thoughts it stays between them."""
    details = [text_detail(0, "a", "s"), encrypted_detail(1, "data"), text_detail(2, "b", "t")]
    assert [block["type"] for block in thinking_blocks(details)] == [
        "thinking",
        "redacted_thinking",
        "thinking",
    ]


def test_what_cannot_be_accepted_is_left_out() -> None:
    """Unsigned text, other providers' reasoning, and anything that is no detail at all."""
    foreign = {"type": "reasoning.encrypted", "data": "x", "format": "openai-responses-v1"}
    assert thinking_blocks([text_detail(0, "unsigned", None), foreign, "nonsense", None]) == []
    assert thinking_blocks(None) == thinking_blocks("text") == []
