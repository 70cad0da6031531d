"""Content and reasoning of a message or delta in the spellings of compatible servers, made OpenAI's."""

from __future__ import annotations

from typing import Any

from llm_gateway.adapters.dialects.openai_chat.document import items, members, text

_TEXT_TYPES = frozenset({"text", "output_text"})
_THINKING_TYPES = frozenset({"thinking", "reasoning"})


def repair_content(message: dict[str, Any]) -> None:
    """In place: `content` becomes text, reasoning found in it or beside it is `reasoning_content` too.

    Mistral's magistral models answer with a list of parts (`thinking`, `text`); Groq, OpenRouter and
    Together say `reasoning` where DeepSeek, vLLM and others say `reasoning_content`.
    """
    content = message.get("content")
    reasoning = text(message.get("reasoning_content")) or text(message.get("reasoning")) or ""
    if isinstance(content, list):
        reasoning += "".join(map(_thinking, content))
        message["content"] = "".join(map(_text, content)) or None
    elif content is not None and not isinstance(content, str):
        message["content"] = None
    for name in ("reasoning_content", "reasoning"):
        if not isinstance(message.get(name), str | None):
            message[name] = None
    if reasoning:
        message["reasoning_content"] = reasoning
    if not isinstance(message.get("refusal"), str | None):
        message["refusal"] = None


def repaired_logprobs(value: Any) -> dict[str, Any] | None:
    """Log probabilities per token, None for the shape of the older completions API."""
    if not isinstance(value, dict) or not ({"content", "refusal"} & value.keys()):
        return None
    return {**value, **{name: _tokens(value.get(name)) for name in ("content", "refusal")}}


def _tokens(value: Any) -> list[dict[str, Any]] | None:
    if not isinstance(value, list):
        return None
    return [
        {
            **_token(entry),
            "top_logprobs": [_token(top) for top in items(entry.get("top_logprobs")) if _is(top)],
        }
        for entry in value
        if _is(entry)
    ]


def _token(entry: dict[str, Any]) -> dict[str, Any]:
    numbers = entry.get("bytes")
    if not isinstance(numbers, list) or not all(type(number) is int for number in numbers):
        numbers = None
    return {**entry, "bytes": numbers}


def _is(entry: Any) -> bool:
    """Whether a token and its log probability are there at all."""
    fields = members(entry)
    return isinstance(fields.get("token"), str) and type(fields.get("logprob")) in (int, float)


def _text(part: Any) -> str:
    if isinstance(part, str):
        return part
    fields = members(part)
    kind = fields.get("type", "text")
    return text(fields.get("text")) or "" if kind in _TEXT_TYPES else ""


def _thinking(part: Any) -> str:
    fields = members(part)
    if fields.get("type") not in _THINKING_TYPES:
        return ""
    thought = fields.get("thinking", fields.get("text"))
    return thought if isinstance(thought, str) else "".join(map(_text, items(thought)))
