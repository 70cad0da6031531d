"""Plain answers that bend OpenAI's schema, made to fit it; nullable members that it wants are there."""

from __future__ import annotations

from typing import Any

from llm_gateway.adapters.dialects.openai_chat.document import items, members, text, whole
from llm_gateway.adapters.dialects.openai_chat.finish_reason import INTERRUPTED, finish_reason, natural_end
from llm_gateway.adapters.dialects.openai_chat.repaired_calls import repaired_calls, repaired_function
from llm_gateway.adapters.dialects.openai_chat.repaired_chunk import interruption, reported_usage
from llm_gateway.adapters.dialects.openai_chat.repaired_message import repair_content, repaired_logprobs
from llm_gateway.adapters.dialects.openai_chat.repaired_usage import repaired_usage
from llm_gateway.adapters.dialects.openai_chat.service_tier import repaired_tier
from llm_gateway.application.ports.dialect import AnswerContext
from llm_gateway.domain.errors import UpstreamMalformed


def repaired_completion(document: dict[str, Any], context: AnswerContext) -> dict[str, Any]:
    """Raises UpstreamMalformed, or UpstreamError when the provider says inside a choice that it gave up."""
    identifier = text(document.get("id")) or context.id
    created = whole(document.get("created"))
    completion: dict[str, Any] = {
        "id": identifier,
        "object": "chat.completion",
        "created": created if created and created > 0 else context.created,
        "model": text(document.get("model")) or context.model,
        "choices": [_choice(raw, at, identifier) for at, raw in enumerate(document["choices"])],
    }
    usage = repaired_usage(reported_usage(document))
    if usage is not None:
        completion["usage"] = usage
    if "service_tier" in document:
        completion["service_tier"] = repaired_tier(document["service_tier"])
    if not isinstance(document.get("system_fingerprint"), str | None):
        completion["system_fingerprint"] = None
    rest = {name: value for name, value in document.items() if name not in ("usage", "error")}
    return {**completion, **{name: value for name, value in rest.items() if name not in completion}}


def _choice(raw: Any, position: int, identifier: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise UpstreamMalformed("the upstream sent a choice that is not an object")
    native = raw.get("finish_reason")
    if text(native) in INTERRUPTED:
        raise interruption(raw)
    index = whole(raw.get("index"))
    index = position if index is None else index
    message = _message(raw, f"call_{identifier}_{index}")
    called = bool(message.get("tool_calls"))
    details = members(raw.get("finish_details")).get("type")  # what early vision models had instead
    word = finish_reason(native, called=called) or finish_reason(details, called=called)
    return {
        **raw,
        "index": index,
        "message": message,
        "logprobs": repaired_logprobs(raw.get("logprobs")),
        "finish_reason": word or natural_end(called=called),
    }


def _message(raw: dict[str, Any], stem: str) -> dict[str, Any]:
    sent = raw.get("message")
    # A choice of the older completions API has `text`; one that Azure's filter emptied has nothing.
    fields = members(sent) if isinstance(sent, dict) else {"content": text(raw.get("text"))}
    message: dict[str, Any] = {**fields, "role": "assistant"}
    message.setdefault("content", None)
    message.setdefault("refusal", None)
    repair_content(message)
    calls = repaired_calls(items(message.pop("tool_calls", None)), stem)
    if calls:
        message["tool_calls"] = calls
    function = message.pop("function_call", None)
    if isinstance(function, dict) and text(function.get("name")):
        message["function_call"] = repaired_function(function)
    return message
