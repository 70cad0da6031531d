"""Chunks that bend OpenAI's schema, as a compatible server's stream has them, made to fit it."""

from __future__ import annotations

from typing import Any

from llm_gateway.adapters.dialects.openai_chat.choice_state import ChoiceState
from llm_gateway.adapters.dialects.openai_chat.document import items, members, text
from llm_gateway.adapters.dialects.openai_chat.failure import failure_from
from llm_gateway.adapters.dialects.openai_chat.finish_reason import INTERRUPTED, finish_reason
from llm_gateway.adapters.dialects.openai_chat.repaired_calls import repaired_fragments
from llm_gateway.adapters.dialects.openai_chat.repaired_message import repair_content, repaired_logprobs
from llm_gateway.adapters.dialects.openai_chat.repaired_usage import repaired_usage
from llm_gateway.adapters.dialects.openai_chat.service_tier import repaired_tier
from llm_gateway.adapters.dialects.openai_chat.stream_state import StreamState
from llm_gateway.domain.errors import UpstreamMalformed


def repaired_chunk(document: dict[str, Any], state: StreamState) -> dict[str, Any]:
    """A chunk that continues `state`'s stream. Raises UpstreamMalformed, or UpstreamError when the provider
    says inside a choice that it gave up."""
    chunk = {**state.prefix, **document}
    head = state.head(chunk)
    if document.get("choices"):
        state.prefix = {}
    fingerprint = chunk.get("system_fingerprint")
    chunk["system_fingerprint"] = fingerprint if isinstance(fingerprint, str) else None
    chunk["choices"] = [_choice(raw, at, state) for at, raw in enumerate(items(document.get("choices")))]
    if "service_tier" in chunk:
        chunk["service_tier"] = repaired_tier(chunk["service_tier"])
    if "usage" in chunk:
        chunk["usage"] = repaired_usage(chunk["usage"])
    chunk.pop("error", None)
    return {**head, **{name: value for name, value in chunk.items() if name not in head}}


def reported_usage(document: dict[str, Any]) -> Any:
    """Where servers put it: at the top, in Groq's own member, or in the last choice (Moonshot)."""
    for holder in (document, members(document.get("x_groq")), *items(document.get("choices"))):
        if report := members(holder).get("usage"):
            return report
    return None


def _choice(raw: Any, position: int, stream: StreamState) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise UpstreamMalformed("the upstream sent a choice that is not an object")
    sent = raw.get("index")
    index = sent if isinstance(sent, int) and not isinstance(sent, bool) else position
    state = stream.choice(index)
    if text(raw.get("finish_reason")) in INTERRUPTED:
        raise interruption(raw)
    delta = _delta(raw, state, f"call_{stream.id}_{index}")
    word = (
        None if state.finish_reason else finish_reason(raw.get("finish_reason"), called=bool(state.call_ids))
    )
    state.finish_reason = state.finish_reason or word
    return {
        **raw,
        "index": index,
        "delta": delta,
        "logprobs": repaired_logprobs(raw.get("logprobs")),
        "finish_reason": word,
    }


def interruption(choice: dict[str, Any]) -> Exception:
    """The error of a choice that its provider did not end."""
    error = choice.get("error")
    if isinstance(error, dict):
        return failure_from(200, error)
    word = choice["finish_reason"]
    return failure_from(
        200, {"status": 503, "message": f"the upstream broke its answer off: {word}", "code": word}
    )


def _delta(raw: dict[str, Any], state: ChoiceState, stem: str) -> dict[str, Any]:
    delta = raw.get("delta")
    if not isinstance(delta, dict):
        # A server that forgot to stream: its one chunk has the whole message.
        delta = members(raw.get("message")) if not state.spoke else {}
        if not delta and text(raw.get("text")):
            delta = {"content": raw["text"]}
    rest = {name: value for name, value in delta.items() if name != "role"}
    repaired: dict[str, Any] = rest if state.spoke else {"role": "assistant", **rest}
    state.spoke = True
    repair_content(repaired)
    if isinstance(repaired.get("tool_calls"), list):
        repaired["tool_calls"] = repaired_fragments(repaired["tool_calls"], state, stem)
    if not repaired.get("tool_calls"):
        repaired.pop("tool_calls", None)
    if repaired.get("function_call") is not None and not _is_function(repaired["function_call"]):
        repaired.pop("function_call")
    state.has_content = state.has_content or any(
        repaired.get(name)
        for name in ("content", "tool_calls", "refusal", "reasoning_content", "reasoning_details", "audio")
    )
    state.has_content = state.has_content or bool(repaired.get("function_call"))
    return repaired


def _is_function(value: Any) -> bool:
    fields = members(value)
    return isinstance(value, dict) and all(
        isinstance(fields.get(name), str | None) for name in ("name", "arguments")
    )
