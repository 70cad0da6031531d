"""Why the model stopped, in OpenAI's vocabulary."""

from __future__ import annotations

# Anthropic's StopReason of 2026-11; `pause_turn` ends the turn of a server tool that the client may go on
# with by sending the conversation back, `compaction` one that only summarised.
_FINISH_REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "compaction": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}


def finish_reason(stop_reason: str | None, *, calls: bool, emulated: bool = False) -> str:
    """`calls`: the answer holds calls for the client; `emulated`: structured output came as a tool call.

    A reason of the future is an end like any other.
    """
    if emulated and not calls and stop_reason == "tool_use":
        return "stop"
    known = _FINISH_REASONS.get(stop_reason or "")
    return known or ("tool_calls" if calls else "stop")
