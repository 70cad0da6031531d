"""Usage reports that bend OpenAI's schema, made to fit it without inventing a count."""

from __future__ import annotations

from typing import Any

import msgspec

from llm_gateway.adapters.dialects.openai_chat.document import members, whole
from llm_gateway.adapters.dialects.openai_chat.wire import CompletionDetails, PromptDetails, WireUsage

_PROMPT_DETAILS = PromptDetails.__struct_fields__
_COMPLETION_DETAILS = CompletionDetails.__struct_fields__


def repaired_usage(report: Any) -> dict[str, Any] | None:
    """None for what reports nothing: no object, or one without either token count.

    A missing total is the sum. What other members a provider has stays.
    """
    fields = members(report)
    prompt, completion = whole(fields.get("prompt_tokens")), whole(fields.get("completion_tokens"))
    if prompt is None and completion is None:
        return None
    prompt, completion = max(prompt or 0, 0), max(completion or 0, 0)
    total = whole(fields.get("total_tokens"))
    return {
        **fields,
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion if total is None else total,
        **_details(fields, "prompt_tokens_details", _PROMPT_DETAILS),
        **_details(fields, "completion_tokens_details", _COMPLETION_DETAILS),
    }


def wire_usage(usage: dict[str, Any]) -> WireUsage:
    """A repaired report as the reader's own noun."""
    counts = {name: usage.get(name) for name in ("prompt_cache_hit_tokens", "cached_tokens")}
    return msgspec.convert({**usage, **{name: whole(value) for name, value in counts.items()}}, WireUsage)


def _details(fields: dict[str, Any], name: str, counts: tuple[str, ...]) -> dict[str, Any]:
    if name not in fields:
        return {}
    details = fields[name]
    if not isinstance(details, dict):
        return {name: None}
    return {name: {**details, **{count: whole(details[count]) for count in counts if count in details}}}
