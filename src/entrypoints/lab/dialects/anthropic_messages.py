"""Anthropic messages: POST /v1/messages.

Format: https://docs.anthropic.com/en/api/messages and /en/api/messages-streaming (version 2023-06-01).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from llm_gateway.entrypoints.lab.content import LabAnswer
from llm_gateway.entrypoints.lab.prompt import BadPrompt, Prompt, Tool, Turn, callable_tools
from llm_gateway.entrypoints.lab.wire import Call, WireEvent

_encode = msgspec.json.encode
_FINISH = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}
_ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    529: "overloaded_error",
}


class AnthropicMessages:
    name = "anthropic.messages"
    newline = b"\n"
    request_id_header = b"request-id"

    def prompt(self, document: dict[str, Any], call: Call) -> Prompt:
        """As strict as the API: the version header and `max_tokens` are demanded."""
        if b"anthropic-version" not in call.headers:
            raise BadPrompt("anthropic-version: header is required")
        limit, messages = document.get("max_tokens"), document.get("messages")
        if not isinstance(limit, int) or limit < 1:
            raise BadPrompt("max_tokens: Field required")
        if not isinstance(messages, list) or not messages:
            raise BadPrompt("messages: at least one message is required")
        system = _text(document.get("system"))
        output = (document.get("output_config") or {}).get("format") or document.get("output_format") or {}
        return Prompt(
            model=str(document.get("model", "")),
            digest=call.digest,
            stream=document.get("stream") is True,
            turns=(
                *((Turn(role="system", text=system),) if system else ()),
                *(turn for message in messages for turn in _turns(message)),
            ),
            tools=_tools(document),
            max_tokens=limit,
            schema=output.get("schema"),
        )

    def body(self, prompt: Prompt, answer: LabAnswer) -> bytes:
        content: list[dict[str, Any]] = []
        if answer.reasoning:
            block = {"thinking": answer.reasoning.whole, "signature": answer.reasoning.signature}
            content.append({"type": "thinking", **block})
        if answer.text:
            content.append({"type": "text", "text": answer.text.whole})
        if answer.tool_call:
            arguments = msgspec.json.decode(answer.tool_call.arguments)
            content.append({**_tool_use(answer), "input": arguments})
        end = {"stop_reason": _FINISH[answer.finish], "stop_sequence": None}
        usage = _usage(answer, answer.output_tokens + answer.reasoning_tokens)
        return _encode({**_message(prompt), "content": content, **end, "usage": usage})

    def events(self, prompt: Prompt, answer: LabAnswer) -> Iterator[WireEvent]:
        start: dict[str, Any] = {
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": _usage(answer, 1),
        }
        yield _event("frame", "message_start", message={**_message(prompt), **start})
        yield _event("frame", "ping")
        for index, (block, deltas) in enumerate(_blocks(answer)):
            yield _event("frame", "content_block_start", index=index, content_block=block)
            for delta in deltas:
                role = "frame" if delta["type"] == "signature_delta" else "content"
                yield _event(role, "content_block_delta", index=index, delta=delta)
            yield _event("frame", "content_block_stop", index=index)
        end = {"stop_reason": _FINISH[answer.finish], "stop_sequence": None}
        usage = {"output_tokens": answer.output_tokens + answer.reasoning_tokens}
        yield _event("closing", "message_delta", delta=end, usage=usage)
        yield _event("closing", "message_stop")

    def error(self, status: int, message: str, retry_after: int | None = None) -> bytes:
        error = {"type": _ERRORS.get(status, "api_error"), "message": message}
        return _encode({"type": "error", "error": error, "request_id": None})

    def error_event(self, status: int, message: str) -> WireEvent:
        return WireEvent("frame", self.error(status, message), b"error")


def _event(role: Any, kind: str, **fields: Any) -> WireEvent:
    return WireEvent(role, _encode({"type": kind, **fields}), kind.encode())


def _message(prompt: Prompt) -> dict[str, Any]:
    return {
        "id": f"msg_{prompt.digest[:24]}",
        "type": "message",
        "role": "assistant",
        "model": prompt.model,
    }


def _blocks(answer: LabAnswer) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Each content block's opening, and the deltas that fill it."""
    if answer.reasoning:
        deltas = [{"type": "thinking_delta", "thinking": piece} for piece in answer.reasoning.pieces]
        deltas.append({"type": "signature_delta", "signature": answer.reasoning.signature})
        yield {"type": "thinking", "thinking": "", "signature": ""}, deltas
    if answer.text:
        yield (
            {"type": "text", "text": ""},
            [{"type": "text_delta", "text": piece} for piece in answer.text.pieces],
        )
    if answer.tool_call:
        fragments = answer.tool_call.fragments
        yield (
            {**_tool_use(answer), "input": {}},
            [{"type": "input_json_delta", "partial_json": fragment} for fragment in fragments],
        )


def _tool_use(answer: LabAnswer) -> dict[str, Any]:
    assert answer.tool_call is not None
    return {"type": "tool_use", "id": f"toolu_{answer.tool_call.id}", "name": answer.tool_call.name}


def _turns(message: Any) -> Iterator[Turn]:
    """A user message with tool results is one turn for each result, and one for the text beside them."""
    if not isinstance(message, dict):
        raise BadPrompt("messages: Input should be a valid dictionary")
    content, role = message.get("content"), message.get("role")
    if role not in ("user", "assistant"):
        raise BadPrompt(f'messages: Unexpected role "{role}". Allowed roles are "user" or "assistant"')
    results = [
        block
        for block in (content if isinstance(content, list) else ())
        if isinstance(block, dict) and block.get("type") == "tool_result"
    ]
    for block in results:
        yield Turn(role="tool", text=_text(block.get("content")))
    text = _text(content)
    if text or not results:
        yield Turn(role=role, text=text)


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else ()
    return "".join(str(b.get("text", "")) for b in blocks if isinstance(b, dict) and b.get("type") == "text")


def _tools(document: dict[str, Any]) -> tuple[Tool, ...]:
    choice = document.get("tool_choice") or {}
    if choice.get("type") == "none":
        return ()
    offered = document.get("tools") or ()
    tools = [Tool(name=t["name"], schema=t["input_schema"]) for t in offered if "input_schema" in t]
    return callable_tools(tools, choice.get("name"))


def _usage(answer: LabAnswer, output: int) -> dict[str, Any]:
    """Thinking is part of the output tokens."""
    return {
        "input_tokens": answer.input_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": output,
        "service_tier": "standard",
    }
