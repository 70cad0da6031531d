"""Model turns: an assistant message of the history as the parts of Google's model turn.

Order: thoughts, parts that the hub only carries, text, pictures, function calls; each with the signature that
the client brought back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from llm_gateway.adapters.dialects.google_generate_content.media import media_part
from llm_gateway.adapters.dialects.google_generate_content.signature import (
    Signatures,
    google_extra,
    read_signatures,
    signature_on,
)
from llm_gateway.adapters.dialects.google_generate_content.thinking import SKIP_SIGNATURE, demands_signatures
from llm_gateway.domain.errors import InvalidRequest

_CARRIED = ("executableCode", "codeExecutionResult", "toolCall", "toolResponse")


def model_parts(
    message: Mapping[str, Any], names: dict[str, str], model: str, param: str
) -> list[dict[str, Any]]:
    """The turn's parts; `names` learns the function name of each call id. Raises InvalidRequest."""
    signatures = read_signatures(message)
    parts: list[dict[str, Any]] = [
        _with({"text": text, "thought": True}, signature) for text, signature in signatures.thoughts
    ]
    parts += _carried(message)
    parts += _texts(message, signatures, param)
    for number, image in enumerate(_list(message.get("images"))):
        if isinstance(image, Mapping) and (part := media_part(image, f"{param}.images[{number}]")):
            parts.append(_with(part, signature_on(image)))
    calls = _calls(message, names, signatures, param)
    if calls and "thoughtSignature" not in calls[0] and demands_signatures(model):
        calls[0]["thoughtSignature"] = SKIP_SIGNATURE  # only a step's first call must have one
    return parts + calls


def _with(part: dict[str, Any], signature: str | None) -> dict[str, Any]:
    if signature:
        part["thoughtSignature"] = signature
    return part


def _carried(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Parts of `extra_content.google.parts`, as a former answer gave them."""
    return [
        {name: value for name, value in part.items() if name in (*_CARRIED, "thoughtSignature")}
        for part in _list(google_extra(message).get("parts"))
        if isinstance(part, dict) and part.keys() & set(_CARRIED)
    ]


def _texts(message: Mapping[str, Any], signatures: Signatures, param: str) -> list[dict[str, Any]]:
    content = message.get("content")
    if isinstance(content, list):
        texts = [_text(part, f"{param}.content[{number}]") for number, part in enumerate(content)]
    elif content is None or isinstance(content, str):
        texts = [content or ""]
    else:
        raise InvalidRequest("content must be a string or a list of parts", param=f"{param}.content")
    if isinstance(refusal := message.get("refusal"), str):
        texts.append(refusal)
    parts: list[dict[str, Any]] = [{"text": text} for text in texts if text]
    waiting = list(signatures.texts)
    if waiting and parts:
        # A stream signs its last text part, often an empty one after the text: here they are one.
        parts[-1]["thoughtSignature"] = waiting.pop(0)
    return parts + [{"text": "", "thoughtSignature": signature} for signature in waiting]


def _text(part: Any, param: str) -> str:
    kind = part.get("type") if isinstance(part, Mapping) else None
    text = part.get(kind) if kind in ("text", "refusal") else part
    if not isinstance(text, str):
        raise InvalidRequest("an assistant's part must be text or refusal", param=param)
    return text


def _calls(
    message: Mapping[str, Any], names: dict[str, str], signatures: Signatures, param: str
) -> list[dict[str, Any]]:
    parts = []
    for number, call in enumerate(_list(message.get("tool_calls"))):
        where = f"{param}.tool_calls[{number}]"
        call = call if isinstance(call, Mapping) else {}
        wire = _function_call(call.get("function"), f"{where}.function")
        identity = call.get("id")
        signature = signature_on(call)
        if isinstance(identity, str) and identity:
            wire["id"] = identity
            names[identity] = wire["name"]
            signature = signature or signatures.calls.get(identity)
        parts.append(_with({"functionCall": wire}, signature))
    if isinstance(message.get("function_call"), Mapping):  # before 2023-11
        parts.append({"functionCall": _function_call(message["function_call"], f"{param}.function_call")})
    return parts


def _function_call(function: Any, param: str) -> dict[str, Any]:
    name = function.get("name") if isinstance(function, Mapping) else None
    if not isinstance(name, str) or not name:
        raise InvalidRequest("a tool call needs a function name", param=f"{param}.name")
    text = function.get("arguments")
    text = text.strip() if isinstance(text, str) else ""
    try:
        msgspec.json.decode(text or "{}", type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, RecursionError) as exc:
        raise InvalidRequest("arguments must be a JSON object", param=f"{param}.arguments") from exc
    return {"name": name, "args": msgspec.Raw((text or "{}").encode())}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
