"""Test-side converter: a recorded generateContent request as the hub request that says the same."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.fakes.hub_request import FakeHubRequest

Wire = dict[str, Any]
FORMAT = "google-gemini-v1"
# base64 of `signature`, where the collection left the recorded one out to save space.
_ELIDED = "c2lnbmF0dXJl"
_CARRIED = ("executableCode", "codeExecutionResult", "toolCall", "toolResponse")
_KNOWN_TOOLS = "functionDeclarations"


def camel(value: Any, *, verbatim: bool = False) -> Any:
    """Recordings of Python SDKs mix snake_case into the wire names; what users wrote stays as it is."""
    if isinstance(value, list):
        return [camel(item, verbatim=verbatim) for item in value]
    if not isinstance(value, dict):
        return _ELIDED if isinstance(value, str) and value.startswith("<elided") else value
    made = {}
    for name, item in value.items():
        key = name if verbatim else re.sub(r"_([a-z])", lambda match: match[1].upper(), name)
        own = key in ("args", "response", "parametersJsonSchema", "responseJsonSchema", "properties", "$defs")
        made[key] = camel(item, verbatim=verbatim or own)
    return made


def hub_form(wire: Wire, model: str, *, stream: bool) -> FakeHubRequest:
    """`wire` with camelCase names."""
    body: Wire = {"model": model, "stream": stream, "messages": _messages(wire)}
    google = {
        "tool_config": {k: v for k, v in wire.get("toolConfig", {}).items() if k != "functionCallingConfig"}
        or None,
        "cached_content": wire.get("cachedContent"),
        "safety_settings": wire.get("safetySettings"),
        "thinking_config": wire.get("generationConfig", {}).get("thinkingConfig"),
    }
    tools = wire.get("tools", [])
    tools = tools if isinstance(tools, list) else [tools]
    functions = [f for tool in tools for f in tool.get(_KNOWN_TOOLS, [])]
    if functions:
        body["tools"] = [{"type": "function", "function": _function(f)} for f in functions]
    own = [{k: v for k, v in tool.items() if k != _KNOWN_TOOLS} for tool in tools]
    google["tools"] = [tool for tool in own if tool] or None
    if choice := _tool_choice(wire.get("toolConfig", {}).get("functionCallingConfig")):
        body["tool_choice"] = choice
    body |= _generation(wire.get("generationConfig", {}))
    body["extra_body"] = {"google": {name: value for name, value in google.items() if value is not None}}
    return FakeHubRequest(body)


def _messages(wire: Wire) -> list[Wire]:
    messages: list[Wire] = []
    if system := wire.get("systemInstruction"):
        parts = [{"type": "text", "text": part["text"]} for part in system["parts"]]
        messages.append({"role": "system", "content": parts})
    ids: list[tuple[str, str]] = []
    for content in wire["contents"]:
        if content.get("role") == "model":
            messages.append(_assistant(content["parts"], ids))
        else:
            messages += _user(content["parts"], ids)
    return messages


def _assistant(parts: list[Wire], ids: list[tuple[str, str]]) -> Wire:
    message: Wire = {"role": "assistant"}
    details: list[Wire] = []
    texts, calls, carried = [], [], []
    for part in parts:
        signature = part.get("thoughtSignature")
        if part.get("thought"):
            details.append(
                {"type": "reasoning.text", "text": part["text"], "format": FORMAT, "index": len(details)}
            )
            if signature:
                details[-1]["signature"] = signature
        elif "text" in part:
            texts.append({"type": "text", "text": part["text"]})
            if signature:
                details.append(
                    {"type": "reasoning.encrypted", "data": signature, "format": FORMAT, "id": None}
                )
        elif "functionCall" in part:
            calls.append(_call(part["functionCall"], signature, ids))
        else:
            carried.append(part)
    if texts:
        message["content"] = texts
    if calls:
        message["tool_calls"] = calls
    if details:
        message["reasoning_details"] = details
    if carried:
        message["extra_content"] = {"google": {"parts": carried}}
    return message


def _call(call: Wire, signature: str | None, ids: list[tuple[str, str]]) -> Wire:
    identity = call.get("id") or f"made_{len(ids)}"
    ids.append((identity, call["name"]))
    function = {"name": call["name"], "arguments": json.dumps(call.get("args", {}))}
    made: Wire = {"id": identity, "type": "function", "function": function}
    if signature:
        made["extra_content"] = {"google": {"thought_signature": signature}}
    return made


def _user(parts: list[Wire], ids: list[tuple[str, str]]) -> list[Wire]:
    results = [part["functionResponse"] for part in parts if "functionResponse" in part]
    rest = [_content_part(part) for part in parts if "functionResponse" not in part]
    messages: list[Wire] = []
    for result in results:
        identity = result.get("id")
        if identity is None:
            at = next(n for n, (_, name) in enumerate(ids) if name == result["name"])
            identity, _ = ids.pop(at)
        content: list[Wire] = [{"type": "text", "text": json.dumps(result["response"])}]
        content += [_content_part(part) for part in result.get("parts", [])]
        messages.append({"role": "tool", "tool_call_id": identity, "content": content})
    if rest:
        messages.append({"role": "user", "content": rest})
    return messages


def _content_part(part: Wire) -> Wire:
    if "text" in part:
        return {"type": "text", "text": part["text"]}
    blob = part.get("inlineData")
    if blob is not None:
        url = f"data:{blob['mimeType']};base64,{blob['data']}"
        if blob["mimeType"].startswith("image/"):
            return {"type": "image_url", "image_url": {"url": url}}
        return {"type": "file", "file": {"file_data": url}}
    data = part["fileData"]
    return {"type": "file", "file": {"file_id": data["fileUri"], "format": data.get("mimeType")}}


def _function(declaration: Wire) -> Wire:
    function = {"name": declaration["name"], "description": declaration.get("description")}
    parameters = declaration.get("parametersJsonSchema") or declaration.get("parameters")
    if parameters is not None:
        function["parameters"] = json_schema(parameters)
    return function


def json_schema(schema: Any) -> Any:
    """Google's OpenAPI flavour (`OBJECT`, `any_of`, `property_ordering`) in JSON Schema's words."""
    if isinstance(schema, list):
        return [json_schema(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {}
    for name, value in schema.items():
        key = {"any_of": "anyOf", "property_ordering": "propertyOrdering"}.get(name, name)
        if key == "type" and isinstance(value, str):
            made[key] = value.lower()
        elif key in ("properties", "$defs"):
            made[key] = {member: json_schema(item) for member, item in value.items()}
        else:
            made[key] = json_schema(value)
    return made


def _tool_choice(config: Wire | None) -> Any:
    if not config or "mode" not in config:
        return None
    names = config.get("allowedFunctionNames", [])
    mode = {"AUTO": "auto", "VALIDATED": "auto", "NONE": "none", "ANY": "required"}[config["mode"]]
    if not names:
        return mode
    functions = [{"type": "function", "function": {"name": name}} for name in names]
    if len(functions) == 1 and mode == "required":
        return functions[0]
    return {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": functions}}


def _generation(config: Wire) -> Wire:
    names = {
        "temperature": "temperature",
        "topP": "top_p",
        "topK": "top_k",
        "seed": "seed",
        "maxOutputTokens": "max_tokens",
        "candidateCount": "n",
        "stopSequences": "stop",
        "presencePenalty": "presence_penalty",
        "frequencyPenalty": "frequency_penalty",
        "responseLogprobs": "logprobs",
        "logprobs": "top_logprobs",
    }
    body = {hub: config[wire] for wire, hub in names.items() if wire in config}
    if "responseModalities" in config:
        body["modalities"] = [modality.lower() for modality in config["responseModalities"]]
    if config.get("responseMimeType") == "application/json":
        schema = config.get("responseJsonSchema") or config.get("responseSchema")
        body["response_format"] = {"type": "json_object"}
        if schema is not None:
            described = {"name": "answer", "schema": json_schema(schema)}
            body["response_format"] = {"type": "json_schema", "json_schema": described}
    return body
