"""Requests: a hub request as a GenerateContentRequest.

Source: google-genai `types.py` and the converters of its `models.py` (`…_to_mldev`), which say where each
field goes on the wire. What OpenAI's format has no word for may come under `extra_body.google`, as with
Google's OpenAI-compatible endpoint: `thinking_config`, `cached_content`, `safety_settings`, `tools`,
`tool_config`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from llm_gateway.adapters.dialects.google_generate_content.content import ContentsWriter
from llm_gateway.adapters.dialects.google_generate_content.generation import generation_config
from llm_gateway.adapters.dialects.google_generate_content.tools import wire_tool_config, wire_tools
from llm_gateway.application.ports.dialect import HubRequest, WireRequest, WireTarget
from llm_gateway.domain.errors import InvalidRequest

_HEADERS = ((b"content-type", b"application/json"),)
_TIERS = {"default": "standard", "flex": "flex", "priority": "priority", "fast": "priority"}


def encode_request(request: HubRequest, target: WireTarget) -> WireRequest:
    """Raises InvalidRequest, with `param`, for what Google's format cannot say."""
    body: Mapping[str, Any] = request.document()
    if target.drop_parameters:
        body = {name: value for name, value in body.items() if name not in target.drop_parameters}
    _refuse_unsayable(body)
    document = _document(body, target.model)
    try:
        encoded = msgspec.json.encode(document)
    except (TypeError, ValueError, RecursionError) as exc:
        raise InvalidRequest("the request cannot be written as JSON") from exc
    return WireRequest(path=_path(target.model, stream=request.stream), body=encoded, headers=_HEADERS)


def _refuse_unsayable(body: Mapping[str, Any]) -> None:
    if body.get("logit_bias"):
        raise InvalidRequest("Google takes no logit_bias", param="logit_bias")
    if body.get("parallel_tool_calls") is False and (body.get("tools") or body.get("functions")):
        raise InvalidRequest("Google cannot be kept to one call at a time", param="parallel_tool_calls")


def _document(body: Mapping[str, Any], model: str) -> dict[str, Any]:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise InvalidRequest("messages must be a list that is not empty", param="messages")
    writer = ContentsWriter(model)
    for number, message in enumerate(messages):
        writer.take(message, f"messages[{number}]")
    document: dict[str, Any] = {"contents": writer.contents}
    if not writer.contents:  # Google wants a turn to answer
        document["contents"] = [{"role": "user", "parts": writer.system or [{"text": ""}]}]
    elif writer.system:
        document["systemInstruction"] = {"parts": writer.system}
    if tools := wire_tools(body):
        document["tools"] = tools
        if "functionDeclarations" in tools[0] and (chosen := wire_tool_config(body)) is not None:
            document["toolConfig"] = chosen
    if config := generation_config(body, model):
        document["generationConfig"] = config
    tier = body.get("service_tier")
    if isinstance(tier, str) and tier in _TIERS:
        document["serviceTier"] = _TIERS[tier]
    if isinstance(body.get("store"), bool):
        document["store"] = body["store"]
    _add_extra(body, document)
    return document


def _add_extra(body: Mapping[str, Any], document: dict[str, Any]) -> None:
    extra = body.get("extra_body")
    google = extra.get("google") if isinstance(extra, Mapping) else None
    if not isinstance(google, Mapping):
        return
    if isinstance(google.get("thinking_config"), Mapping):
        document.setdefault("generationConfig", {})["thinkingConfig"] = google["thinking_config"]
    if isinstance(google.get("cached_content"), str):
        document["cachedContent"] = google["cached_content"]
    if isinstance(google.get("safety_settings"), list):
        document["safetySettings"] = google["safety_settings"]
    if isinstance(google.get("tool_config"), Mapping):
        document["toolConfig"] = {**google["tool_config"], **document.get("toolConfig", {})}
    if isinstance(google.get("tools"), list):
        document["tools"] = [*document.get("tools", []), *google["tools"]]


def _path(model: str, *, stream: bool) -> str:
    """The model is one segment, whatever it holds: no other method, no other resource can be reached."""
    collection, slash, name = model.partition("/")
    if not slash or collection not in ("models", "tunedModels"):
        collection, name = "models", model
    if not name:
        raise InvalidRequest("the model has no name", param="model")
    method = "streamGenerateContent?alt=sse" if stream else "generateContent"
    return f"/{collection}/{quote(name, safe='')}:{method}"
