"""Endpoint-bound content: what only the provider that made it can read, and which providers those are.

Encrypted reasoning, thought signatures and uploaded file ids come back in a conversation's messages. Others
refuse them or, worse, answer without them. The gateway keeps no conversations, so the maker is read from
the content itself: its dialect. The last such message counts: an earlier one's maker was left already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from llm_gateway.domain.provider import Provider
from llm_gateway.entrypoints.http.inference.chat_request import ChatRequest

_MARKS = (b'"reasoning_details"', b'"thought_signature"', b'"file_id"')
# `format` of reasoning details (OpenRouter, "Reasoning tokens": preserving reasoning blocks).
_DIALECT_BY_FORMAT = {
    "anthropic-claude-v1": "anthropic.messages",
    "google-gemini-v1": "google.generate_content",
    "openai-responses-v1": "openai.chat",
}
# Ids as the Files APIs give them; Google's are URLs.
_DIALECT_BY_FILE_ID = {
    "file-": "openai.chat",
    "file_": "anthropic.messages",
    "https://generativelanguage.": "google.generate_content",
}


def bound_to(request: ChatRequest, providers: Iterable[Provider]) -> tuple[str, ...]:
    """Ids of the only providers that can honour the request's bound content; empty: nothing is bound.

    Content whose maker's dialect no provider speaks binds nothing: it came through another gateway.
    """
    body = request.body
    if _MARKS[0] not in body and _MARKS[1] not in body and _MARKS[2] not in body:
        return ()
    messages = request.document()["messages"]
    dialect = next(filter(None, map(_maker, reversed(messages))), None)
    return tuple(sorted(provider.id for provider in providers if provider.dialect == dialect))


def _maker(message: Any) -> str | None:
    """The dialect of the endpoint that a message's content is bound to."""
    if not isinstance(message, dict):
        return None
    for detail in _objects(message.get("reasoning_details")):
        if detail.get("type") == "reasoning.encrypted" or detail.get("signature"):
            return _DIALECT_BY_FORMAT.get(str(detail.get("format")))
    for item in (message, *_objects(message.get("tool_calls"))):
        extra = item.get("extra_content")
        google = extra.get("google") if isinstance(extra, dict) else None
        if isinstance(google, dict) and google.get("thought_signature"):
            return "google.generate_content"
    for part in _objects(message.get("content")):
        file = part.get("file")
        file_id = str(file.get("file_id", "")) if isinstance(file, dict) else ""
        for beginning, dialect in _DIALECT_BY_FILE_ID.items():
            if file_id.startswith(beginning):
                return dialect
    return None


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    return (item for item in (value if isinstance(value, list) else ()) if isinstance(item, dict))
