"""Google: POST /v1beta/models/{model}:generateContent, :streamGenerateContent?alt=sse; also under /v1.

Format: https://ai.google.dev/api/generate-content, and recorded answers: events end in CRLF CRLF, the
signature of a thought comes with the part after it, a function call arrives whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from llm_gateway.entrypoints.lab.content import LabAnswer
from llm_gateway.entrypoints.lab.prompt import BadPrompt, Prompt, Tool, Turn, callable_tools
from llm_gateway.entrypoints.lab.wire import Call, WireEvent

_encode = msgspec.json.encode
_FINISH = {"stop": "STOP", "length": "MAX_TOKENS", "tool_calls": "STOP"}
_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


class GoogleGenerateContent:
    name = "google.generate_content"
    newline = b"\r\n"
    request_id_header = b"x-request-id"

    def prompt(self, document: dict[str, Any], call: Call) -> Prompt:
        contents = document.get("contents")
        if not isinstance(contents, list) or not contents:
            raise BadPrompt("* GenerateContentRequest.contents: contents is not specified")
        config = document.get("generationConfig") or {}
        system = _text((document.get("systemInstruction") or {}).get("parts"))
        return Prompt(
            model=call.model or "",
            digest=call.digest,
            stream=call.stream is True,
            turns=(
                *((Turn(role="system", text=system),) if system else ()),
                *(turn for content in contents for turn in _turns(content)),
            ),
            tools=_tools(document),
            max_tokens=config.get("maxOutputTokens"),
            schema=config.get("responseJsonSchema") or config.get("responseSchema"),
        )

    def body(self, prompt: Prompt, answer: LabAnswer) -> bytes:
        parts: list[dict[str, Any]] = []
        if answer.reasoning:
            parts.append({"text": answer.reasoning.whole, "thought": True})
        if answer.text:
            parts.append({"text": answer.text.whole, **_signature(answer)})
        if answer.tool_call:
            parts.append(_function_call(answer))
        return _encode(_chunk(prompt, parts, answer, _FINISH[answer.finish]))

    def events(self, prompt: Prompt, answer: LabAnswer) -> Iterator[WireEvent]:
        for part in _parts(answer):
            yield WireEvent("content", _encode(_chunk(prompt, [part], answer)))
        last = {"text": "", **_signature(answer)}
        yield WireEvent("closing", _encode(_chunk(prompt, [last], answer, _FINISH[answer.finish])))

    def error(self, status: int, message: str, retry_after: int | None = None) -> bytes:
        error: dict[str, Any] = {"code": status, "message": message, "status": _STATUS.get(status, "UNKNOWN")}
        if retry_after is not None:
            info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{retry_after}s"}
            error["details"] = [info]
        return _encode({"error": error})

    def error_event(self, status: int, message: str) -> WireEvent:
        return WireEvent("frame", self.error(status, message))


def _parts(answer: LabAnswer) -> Iterator[dict[str, Any]]:
    for piece in answer.reasoning.pieces if answer.reasoning else ():
        yield {"text": piece, "thought": True}
    for piece in answer.text.pieces if answer.text else ():
        yield {"text": piece}
    if answer.tool_call:
        yield _function_call(answer)


def _function_call(answer: LabAnswer) -> dict[str, Any]:
    call = answer.tool_call
    assert call is not None
    arguments = msgspec.json.decode(call.arguments)
    return {"functionCall": {"name": call.name, "args": arguments, "id": call.id[:8]}}


def _signature(answer: LabAnswer) -> dict[str, Any]:
    return {"thoughtSignature": answer.reasoning.signature} if answer.reasoning else {}


def _chunk(
    prompt: Prompt, parts: list[dict[str, Any]], answer: LabAnswer, finish: str | None = None
) -> dict[str, Any]:
    """Before the last chunk only the prompt is counted, as the API does."""
    candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "index": 0}
    usage: dict[str, Any] = {"promptTokenCount": answer.input_tokens, "totalTokenCount": answer.input_tokens}
    if finish is not None:
        candidate["finishReason"] = finish
        usage["candidatesTokenCount"] = answer.output_tokens
        usage["totalTokenCount"] += answer.output_tokens + answer.reasoning_tokens
        if answer.reasoning:
            usage["thoughtsTokenCount"] = answer.reasoning_tokens
    return {
        "candidates": [candidate],
        "usageMetadata": usage,
        "modelVersion": prompt.model,
        "responseId": prompt.digest[:22],
    }


def _turns(content: Any) -> Iterator[Turn]:
    if not isinstance(content, dict) or not isinstance(content.get("parts"), list):
        raise BadPrompt("* GenerateContentRequest.contents.parts: contents.parts must not be empty.")
    parts = [part for part in content["parts"] if isinstance(part, dict)]
    responses = [part["functionResponse"] for part in parts if "functionResponse" in part]
    for response in responses:
        yield Turn(role="tool", text=_encode(response.get("response")).decode())
    text = _text(parts)
    if text or not responses:
        yield Turn(role="assistant" if content.get("role") == "model" else "user", text=text)


def _text(parts: Any) -> str:
    return "".join(str(part.get("text", "")) for part in parts or () if not part.get("thought"))


def _tools(document: dict[str, Any]) -> tuple[Tool, ...]:
    config = (document.get("toolConfig") or {}).get("functionCallingConfig") or {}
    if config.get("mode") == "NONE":
        return ()
    declared = [f for tool in document.get("tools") or () for f in tool.get("functionDeclarations") or ()]
    tools = [
        Tool(name=f["name"], schema=f.get("parametersJsonSchema") or f.get("parameters") or {})
        for f in declared
    ]
    allowed = config.get("allowedFunctionNames")
    return callable_tools(tools, allowed[0] if allowed else None)
