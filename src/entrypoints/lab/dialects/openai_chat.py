"""OpenAI chat completions: POST /v1/chat/completions.

Format: https://platform.openai.com/docs/api-reference/chat, and recorded answers of July 2025.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from llm_gateway.entrypoints.lab.content import LabAnswer, ToolCall
from llm_gateway.entrypoints.lab.prompt import BadPrompt, Prompt, Tool, Turn, callable_tools
from llm_gateway.entrypoints.lab.wire import CREATED, Call, WireEvent

_encode = msgspec.json.encode
_MOST_CHOICES = 128
_ROLES = {"developer": "system", "system": "system", "assistant": "assistant", "tool": "tool"}
_ERRORS: dict[int, tuple[str, str | None]] = {
    400: ("invalid_request_error", None),
    401: ("invalid_request_error", "invalid_api_key"),
    403: ("invalid_request_error", "unsupported_country_region_territory"),
    404: ("invalid_request_error", "model_not_found"),
    413: ("invalid_request_error", "request_too_large"),
    429: ("requests", "rate_limit_exceeded"),
    503: ("service_unavailable_error", None),
    529: ("service_unavailable_error", None),
}


class OpenAIChat:
    name = "openai.chat"
    newline = b"\n"
    request_id_header = b"x-request-id"

    def prompt(self, document: dict[str, Any], call: Call) -> Prompt:
        messages = document.get("messages")
        if not isinstance(messages, list) or not messages:
            raise BadPrompt("Invalid 'messages': expected a non-empty array.")
        choices = document.get("n") or 1
        if not isinstance(choices, int) or not 0 < choices <= _MOST_CHOICES:
            raise BadPrompt(f"Invalid 'n': expected an integer from 1 to {_MOST_CHOICES}.")
        limit = document.get("max_completion_tokens", document.get("max_tokens"))
        options = document.get("stream_options")
        return Prompt(
            model=str(document.get("model", "")),
            digest=call.digest,
            stream=document.get("stream") is True,
            turns=tuple(_turn(message) for message in messages),
            tools=_tools(document),
            max_tokens=limit if isinstance(limit, int) else None,
            schema=_schema(document.get("response_format")),
            choices=choices,
            include_usage=isinstance(options, dict) and options.get("include_usage") is True,
        )

    def body(self, prompt: Prompt, answer: LabAnswer) -> bytes:
        message: dict[str, Any] = {"role": "assistant", "content": None, "refusal": None}
        if answer.reasoning:
            message["reasoning_content"] = answer.reasoning.whole
        if answer.text:
            message["content"] = answer.text.whole
        if answer.tool_call:
            message["tool_calls"] = [_call(answer.tool_call, answer.tool_call.arguments)]
        choices = [
            {"index": index, "message": message, "logprobs": None, "finish_reason": answer.finish}
            for index in range(prompt.choices)
        ]
        head = _head(prompt, "chat.completion")
        return _encode({**head, "choices": choices, "usage": _usage(prompt, answer)})

    def events(self, prompt: Prompt, answer: LabAnswer) -> Iterator[WireEvent]:
        head = _head(prompt, "chat.completion.chunk")
        if prompt.include_usage:
            head["usage"] = None

        def chunk(role: str, index: int, delta: dict[str, Any], finish: str | None = None) -> WireEvent:
            choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}
            return WireEvent(role, _encode({**head, "choices": [choice]}))  # type: ignore[arg-type]

        indexes = range(prompt.choices)
        for index in indexes:
            yield chunk("frame", index, {"role": "assistant", "content": "", "refusal": None})
        for delta in _deltas(answer):
            for index in indexes:
                yield chunk("content", index, delta)
        for index in indexes:
            yield chunk("closing", index, {}, answer.finish)
        if prompt.include_usage:
            yield WireEvent("closing", _encode({**head, "choices": [], "usage": _usage(prompt, answer)}))
        yield WireEvent("done", b"[DONE]")

    def error(self, status: int, message: str, retry_after: int | None = None) -> bytes:
        kind, code = _ERRORS.get(status, ("server_error", None))
        return _encode({"error": {"message": message, "type": kind, "param": None, "code": code}})

    def error_event(self, status: int, message: str) -> WireEvent:
        return WireEvent("frame", self.error(status, message))


def _turn(message: Any) -> Turn:
    if not isinstance(message, dict):
        raise BadPrompt("Invalid 'messages': expected objects.")
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    role: Any = _ROLES.get(str(message.get("role")), "user")
    return Turn(role=role, text=content if isinstance(content, str) else "")


def _tools(document: dict[str, Any]) -> tuple[Tool, ...]:
    functions = [tool["function"] for tool in document.get("tools") or () if "function" in tool]
    choice = document.get("tool_choice")
    if choice == "none":
        return ()
    offered = [Tool(name=f["name"], schema=f.get("parameters") or {}) for f in functions]
    return callable_tools(offered, choice["function"]["name"] if isinstance(choice, dict) else None)


def _schema(response_format: Any) -> dict[str, Any] | None:
    if not isinstance(response_format, dict):
        return None
    if response_format.get("type") == "json_object":
        return {"type": "object"}
    wanted = response_format.get("json_schema")
    return wanted.get("schema") if isinstance(wanted, dict) else None


def _deltas(answer: LabAnswer) -> Iterator[dict[str, Any]]:
    for piece in answer.reasoning.pieces if answer.reasoning else ():
        yield {"reasoning_content": piece}
    for piece in answer.text.pieces if answer.text else ():
        yield {"content": piece}
    if answer.tool_call:
        yield {"tool_calls": [{"index": 0, **_call(answer.tool_call, "")}]}
        for fragment in answer.tool_call.fragments:
            yield {"tool_calls": [{"index": 0, "function": {"arguments": fragment}}]}


def _call(call: ToolCall, arguments: str) -> dict[str, Any]:
    function = {"name": call.name, "arguments": arguments}
    return {"id": f"call_{call.id}", "type": "function", "function": function}


def _head(prompt: Prompt, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{prompt.digest[:29]}",
        "object": kind,
        "created": CREATED,
        "model": prompt.model,
        "service_tier": "default",
        "system_fingerprint": "fp_lab",
    }


def _usage(prompt: Prompt, answer: LabAnswer) -> dict[str, Any]:
    """Reasoning tokens are part of the completion's."""
    completion = (answer.output_tokens + answer.reasoning_tokens) * prompt.choices
    return {
        "prompt_tokens": answer.input_tokens,
        "completion_tokens": completion,
        "total_tokens": answer.input_tokens + completion,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": answer.reasoning_tokens * prompt.choices,
            "audio_tokens": 0,
        },
    }
