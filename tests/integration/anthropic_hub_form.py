"""The hub form of recorded Messages API requests, and a form in which two of them compare.

What the hub cannot say (server tools' blocks, containers, MCP servers, citation settings) is left out of
both sides of the comparison by `comparable`.
"""

from __future__ import annotations

import json
from typing import Any

Wire = dict[str, Any]

_SAYABLE_BLOCKS = frozenset(
    {"text", "image", "document", "thinking", "redacted_thinking", "tool_use", "tool_result"}
)
_TOOL_CHOICES = {"auto": "auto", "any": "required", "none": "none"}


def hub_form(wire: Wire) -> dict[str, Any]:
    """The chat-completions request that says what `wire` says."""
    hub: dict[str, Any] = {"model": wire["model"], "max_completion_tokens": wire["max_tokens"]}
    messages = [{"role": "system", "content": _parts(wire["system"])}] if wire.get("system") else []
    for message in wire["messages"]:
        messages += _hub_messages(message)
    hub["messages"] = messages
    if tools := [_hub_tool(tool) for tool in wire.get("tools") or () if _sayable_tool(tool)]:
        hub["tools"] = tools
    hub |= _hub_choice(wire.get("tool_choice") or {}) if tools else {}
    hub |= _hub_thinking(wire)
    for name in ("temperature", "top_p", "top_k", "stream", "cache_control"):
        if name in wire:
            hub[name] = wire[name]
    if wire.get("stop_sequences"):
        hub["stop"] = wire["stop_sequences"]
    if schema := _schema(wire):
        hub["response_format"] = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    return hub


def comparable(wire: Wire) -> Wire:
    """`wire` in one canonical spelling: joined turns, lists instead of bare strings, defaults left out."""
    made: Wire = {name: wire[name] for name in ("model", "max_tokens") if name in wire}
    system = _blocks(wire.get("system") or [])
    turns: list[Wire] = []
    for message in wire["messages"]:
        blocks = _blocks(message["content"])
        if blocks and turns and turns[-1]["role"] == message["role"]:
            turns[-1]["content"] += blocks
        elif blocks:
            turns.append({"role": message["role"], "content": blocks})
    made |= {"system": system, "messages": turns}
    tools = [_comparable_tool(tool) for tool in wire.get("tools") or () if _sayable_tool(tool)]
    made["tools"] = tools
    choice = dict(wire.get("tool_choice") or {"type": "auto"}) if tools else {}
    if not choice.get("disable_parallel_tool_use"):
        choice.pop("disable_parallel_tool_use", None)
    made["tool_choice"] = choice
    thinking = wire.get("thinking") or {}
    made["thinking"] = {name: thinking[name] for name in ("type", "budget_tokens") if name in thinking}
    made["effort"] = (wire.get("output_config") or {}).get("effort")
    made["schema"] = _schema(wire)
    for name, default in (
        ("temperature", 1),
        ("top_p", 1),
        ("top_k", None),
        ("stream", False),
        ("stop_sequences", None),
    ):
        made[name] = wire.get(name) or default if name != "temperature" else wire.get(name, default)
    return made


def _parts(content: Any) -> list[dict[str, Any]]:
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    return [part for block in blocks if (part := _part(block)) is not None]


def _part(block: Wire) -> dict[str, Any] | None:
    mark = {"cache_control": block["cache_control"]} if block.get("cache_control") else {}
    source = block.get("source") or {}
    if block["type"] == "text":
        return {"type": "text", "text": block["text"], **mark}
    if block["type"] == "image" and source["type"] in ("base64", "url"):
        url = source.get("url") or f"data:{source['media_type']};base64,{source['data']}"
        return {"type": "image_url", "image_url": {"url": url}, **mark}
    if block["type"] == "document" and source["type"] in ("base64", "url", "file"):
        file = {"filename": block["title"]} if block.get("title") else {}
        if source["type"] == "file":
            file["file_id"] = source["file_id"]
        else:
            file["file_data"] = source.get("url") or f"data:{source['media_type']};base64,{source['data']}"
        return {"type": "file", "file": file, **mark}
    return None


def _hub_messages(message: Wire) -> list[dict[str, Any]]:
    content = message["content"]
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    if message["role"] == "assistant":
        return [_hub_answer(blocks)]
    made: list[dict[str, Any]] = [
        {
            "role": "tool",
            "tool_call_id": block["tool_use_id"],
            "content": _parts(block.get("content") or []),
            **({"cache_control": block["cache_control"]} if block.get("cache_control") else {}),
        }
        for block in blocks
        if block["type"] == "tool_result"
    ]
    if parts := _parts(blocks):
        made.append({"role": message["role"], "content": parts})
    return made


def _hub_answer(blocks: list[Wire]) -> dict[str, Any]:
    details, calls = [], []
    for block in blocks:
        if block["type"] == "thinking":
            detail = {"type": "reasoning.text", "text": block["thinking"], "signature": block["signature"]}
            details.append({**detail, "format": "anthropic-claude-v1", "index": len(details)})
        elif block["type"] == "redacted_thinking":
            details.append(
                {"type": "reasoning.encrypted", "data": block["data"], "format": "anthropic-claude-v1"}
            )
        elif block["type"] == "tool_use":
            function = {"name": block["name"], "arguments": json.dumps(block["input"])}
            calls.append({"id": block["id"], "type": "function", "function": function})
    message: dict[str, Any] = {"role": "assistant", "content": _parts(blocks) or None}
    if details:
        message["reasoning_details"] = details
    if calls:
        message["tool_calls"] = calls
    return message


def _sayable_tool(tool: Wire) -> bool:
    return tool.get("type") in (None, "custom")


def _hub_tool(tool: Wire) -> dict[str, Any]:
    function = {"name": tool["name"], "parameters": tool["input_schema"]}
    function |= {name: tool[name] for name in ("description", "strict") if name in tool}
    return {"type": "function", "function": function}


def _comparable_tool(tool: Wire) -> Wire:
    schema = {"properties": {}, **tool["input_schema"]}
    return {"name": tool["name"], "description": tool.get("description") or "", "input_schema": schema}


def _hub_choice(choice: Wire) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if choice.get("type") == "tool":
        made["tool_choice"] = {"type": "function", "function": {"name": choice["name"]}}
    elif choice:
        made["tool_choice"] = _TOOL_CHOICES[choice["type"]]
    if choice.get("disable_parallel_tool_use"):
        made["parallel_tool_calls"] = False
    return made


def _hub_thinking(wire: Wire) -> dict[str, Any]:
    thinking, effort = wire.get("thinking") or {}, (wire.get("output_config") or {}).get("effort")
    if thinking.get("type") == "enabled":
        return {"reasoning": {"max_tokens": thinking["budget_tokens"]}}
    if thinking.get("type") == "adaptive":
        return {"reasoning_effort": effort} if effort else {"reasoning": {"enabled": True}}
    return {"verbosity": effort} if effort else {}


def _schema(wire: Wire) -> Any:
    config = (wire.get("output_config") or {}).get("format") or wire.get("output_format") or {}
    return config.get("schema")


def _blocks(content: Any) -> list[Wire]:
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    return [_block(block) for block in blocks if block["type"] in _SAYABLE_BLOCKS and _says_something(block)]


def _says_something(block: Wire) -> bool:
    if block["type"] == "document":
        return block["source"]["type"] in ("base64", "url", "file")
    if block["type"] == "image":
        return block["source"]["type"] in ("base64", "url")
    return block["type"] != "text" or bool(block["text"].strip())


def _block(block: Wire) -> Wire:
    unsayable = {"citations", "is_error", "caller", "context"}
    made = {name: value for name, value in block.items() if name not in unsayable and value is not None}
    if made["type"] == "tool_result":
        made["content"] = _blocks(made.get("content") or [])
    return made
