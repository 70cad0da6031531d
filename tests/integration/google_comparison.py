"""What of a generateContent request must survive the hub, in a form that can be compared.

Left out, because the hub has no word for it or means the same without: how parts are grouped into turns of
one role, the order of different kinds of parts within a model turn, a call's id that was not there, the role
of the system instruction, neutral values (empty text among others), VALIDATED as against AUTO, Model Armor's
settings.
"""

from __future__ import annotations

from typing import Any

from llm_gateway.adapters.dialects.google_generate_content.thinking import SKIP_SIGNATURE
from tests.integration.google_hub_form import json_schema

Wire = dict[str, Any]
_SKIPS = (SKIP_SIGNATURE, "Y29udGV4dF9lbmdpbmVlcmluZ19pc190aGVfd2F5X3RvX2dv")


def comparable(wire: Wire, model: str) -> Wire:
    tools = wire.get("tools", [])
    tools = tools if isinstance(tools, list) else [tools]
    config = dict(wire.get("generationConfig", {}))
    for name, neutral in (("responseModalities", ["TEXT"]), ("candidateCount", 1)):
        if config.get(name) == neutral:
            del config[name]
    schema = config.pop("responseSchema", None) or config.pop("responseJsonSchema", None)
    if schema is not None:
        config["schema"] = _rooted(json_schema(schema))
    return {
        "system": [part["text"] for part in wire.get("systemInstruction", {}).get("parts", [])],
        "turns": _turns(wire["contents"]),
        "functions": [_function(f) for tool in tools for f in tool.get("functionDeclarations", [])],
        "tools": [tool for tool in map(_own, tools) if tool],
        "tool config": wire.get("toolConfig", {}).keys() - {"functionCallingConfig"},
        "choice": _choice(wire.get("toolConfig", {}).get("functionCallingConfig")),
        "config": {name: value for name, value in config.items() if value not in (None, [], {})},
        "cached": wire.get("cachedContent"),
        "safety": wire.get("safetySettings", []),
    }


def _rooted(schema: Wire) -> Wire:
    """A root that is nothing but a reference is what it refers to."""
    reference = schema.get("$ref")
    return (
        {**schema["$defs"][reference.rpartition("/")[2]], "$defs": schema["$defs"]} if reference else schema
    )


def _choice(config: Wire | None) -> Wire | None:
    if config and config.get("mode") == "VALIDATED" and "allowedFunctionNames" not in config:
        return {**config, "mode": "AUTO"}
    return config or None


def _own(tool: Wire) -> Wire:
    return {name: value for name, value in tool.items() if name != "functionDeclarations"}


def _function(declaration: Wire) -> Wire:
    schema = declaration.get("parametersJsonSchema") or declaration.get("parameters")
    return {
        "name": declaration["name"],
        "description": declaration.get("description"),
        "schema": json_schema(schema) if schema else None,
    }


def _turns(contents: list[Wire]) -> list[tuple[str, dict[str, list[Wire]]]]:
    turns: list[tuple[str, dict[str, list[Wire]]]] = []
    for content in contents:
        role = content.get("role", "user")
        if not turns or turns[-1][0] != role:
            turns.append((role, {}))
        for part in content["parts"]:
            part = _part(part)
            if part == {"text": ""} and len(content["parts"]) > 1:
                continue
            kind = (
                "thought" if part.get("thought") else min(part.keys() - {"thoughtSignature"}, default="empty")
            )
            turns[-1][1].setdefault(kind, []).append(part)
    return turns


def _part(part: Wire) -> Wire:
    part = {name: value for name, value in part.items() if value is not None}
    if part.get("thoughtSignature") in _SKIPS:
        del part["thoughtSignature"]
    for kind in ("functionCall", "functionResponse"):
        if kind in part:
            part[kind] = {name: value for name, value in part[kind].items() if not _made(name, value)}
    return part


def _made(name: str, value: Any) -> bool:
    return (name == "id" and str(value).startswith("made_")) or (name == "args" and not value)
