"""Finish reasons as compatible servers word them, in OpenAI's five words."""

from __future__ import annotations

from typing import Any

_STANDARD = frozenset({"stop", "length", "tool_calls", "content_filter", "function_call"})
_MEANING = {
    "eos": "stop",
    "eos_token": "stop",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "complete": "stop",
    "completed": "stop",
    "finished": "stop",
    "done": "stop",
    "max_tokens": "length",
    "max_length": "length",
    "max_output_tokens": "length",
    "model_length": "length",
    "model_context_window_exceeded": "length",
    "tool_call": "tool_calls",
    "tool_use": "tool_calls",
    "function": "tool_calls",
    "content_filtered": "content_filter",
    "safety": "content_filter",
    "sensitive": "content_filter",
    "refusal": "content_filter",
    "recitation": "content_filter",
    "prohibited_content": "content_filter",
}
# The model did not end: the provider gave up (DeepSeek, OpenRouter and Mistral, Z.AI).
INTERRUPTED = frozenset({"insufficient_system_resource", "error", "failed", "network_error"})


def finish_reason(native: Any, *, called: bool) -> str | None:
    """None when `native` says nothing (null, empty, not a text); an unknown word means a natural end."""
    if not isinstance(native, str) or not native:
        return None
    if native in _STANDARD:
        return native
    word = native.lower().replace("-", "_")
    if word in _STANDARD:
        return word
    return _MEANING.get(word) or natural_end(called=called)


def natural_end(*, called: bool) -> str:
    """What OpenAI says when a choice simply ends."""
    return "tool_calls" if called else "stop"
