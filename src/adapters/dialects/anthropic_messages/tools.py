"""Tools and the choice among them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from llm_gateway.adapters.dialects.anthropic_messages.claude_model import ClaudeModel
from llm_gateway.adapters.dialects.anthropic_messages.json_schema import input_schema, modern
from llm_gateway.adapters.dialects.anthropic_messages.members import list_member, object_member
from llm_gateway.adapters.dialects.anthropic_messages.strict_schema import expressible, strict_schema
from llm_gateway.domain.errors import InvalidRequest, UnsupportedParameter

# Anthropic's own tools carry their date: web_search_20250305. They pass as the client wrote them.
_NATIVE_TYPE = re.compile(r"[a-z_0-9]+_20\d{6}")
WEB_SEARCH = "web_search_20250305"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """The wire's `tools` and `tool_choice`. `forced` says that the model cannot answer without a tool."""

    tools: list[dict[str, Any]]
    choice: dict[str, Any] | None = None

    @property
    def forced(self) -> bool:
        return self.choice is not None and self.choice["type"] in ("any", "tool")


def plan_tools(document: Mapping[str, Any], model: ClaudeModel, answer_tool: dict[str, Any] | None) -> Tools:
    """`answer_tool` emulates structured output: it is forced, alone or as one of all tools.

    Raises UnsupportedParameter for tools that are not functions and for a forced choice on a model that
    takes none.
    """
    allowed = _allowed(document.get("tool_choice"))
    tools = [
        _tool(tool, f"tools[{index}]", model)
        for index, tool in enumerate(list_member(document.get("tools"), "tools"))
        if allowed is None or str(_name(tool)) in allowed
    ]
    if isinstance(search := document.get("web_search_options"), dict):
        tools.append(_web_search(search))
    choice = _choice(document.get("tool_choice")) if tools else None
    if answer_tool is not None:
        choice = _force_answer(choice, answer_tool["name"], alone=not tools)
        tools.append(answer_tool)
    elif document.get("parallel_tool_calls") is False and tools and (choice or {}).get("type") != "none":
        choice = {**(choice or {"type": "auto"}), "disable_parallel_tool_use": True}
    plan = Tools(tools=tools, choice=choice)
    if plan.forced and not model.forced_tools:
        raise UnsupportedParameter("this model does not take a forced tool_choice", param="tool_choice")
    return plan


def _tool(tool: Any, at: str, model: ClaudeModel) -> dict[str, Any]:
    kind = tool.get("type", "function") if isinstance(tool, dict) else None
    if isinstance(kind, str) and _NATIVE_TYPE.fullmatch(kind):
        return dict(tool)
    function = tool.get("function") if isinstance(tool, dict) else None
    if kind != "function":
        raise UnsupportedParameter(f"{at}: tools of type {kind!r} cannot be sent to this provider", param=at)
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        raise InvalidRequest(f"{at}.function.name is missing", param=f"{at}.function.name")
    made: dict[str, Any] = {"name": function["name"]}
    if function.get("description"):
        made["description"] = function["description"]
    made["input_schema"] = input_schema(function.get("parameters"))
    if function.get("strict") is True and model.structured_output and _closed(function.get("parameters")):
        made |= {"input_schema": strict_schema(made["input_schema"]), "strict": True}
    if isinstance(mark := tool.get("cache_control") or function.get("cache_control"), dict):
        made["cache_control"] = mark
    return made


def _closed(parameters: Any) -> bool:
    """A strict tool must lose nothing by being closed; one without arguments is as closed as can be."""
    if not isinstance(parameters, dict) or not (parameters.keys() - {"type", "properties", "required"}):
        return not parameters or not parameters.get("properties") or expressible(modern(parameters))
    return expressible(modern(parameters))


def _name(tool: Any) -> Any:
    return object_member(object_member(tool).get("function")).get("name")


def _allowed(choice: Any) -> frozenset[str] | None:
    """Names of `tool_choice: {"type": "allowed_tools"}`; the API has no such list, so others are not sent."""
    if not isinstance(choice, dict) or choice.get("type") != "allowed_tools":
        return None
    listed = list_member(
        object_member(choice.get("allowed_tools")).get("tools"), "tool_choice.allowed_tools.tools"
    )
    return frozenset(name for tool in listed if isinstance(name := _name(tool), str))


def _choice(choice: Any) -> dict[str, Any] | None:
    if isinstance(choice, dict) and choice.get("type") == "allowed_tools":
        choice = object_member(choice.get("allowed_tools")).get("mode")
    if choice is None or choice == "auto":
        return None if choice is None else {"type": "auto"}
    if choice == "none":
        return {"type": "none"}
    if choice == "required":
        return {"type": "any"}
    name = _name(choice)
    if not isinstance(name, str):
        raise InvalidRequest(
            "tool_choice must be none, auto, required or the name of a function", param="tool_choice"
        )
    return {"type": "tool", "name": name}


def _force_answer(choice: dict[str, Any] | None, name: str, *, alone: bool) -> dict[str, Any]:
    kind = (choice or {"type": "auto"})["type"]
    if choice is not None and kind in ("any", "tool"):
        return choice
    return {"type": "tool", "name": name} if alone or kind == "none" else {"type": "any"}


def _web_search(options: Mapping[str, Any]) -> dict[str, Any]:
    """OpenAI's web_search_options as Anthropic's server tool; the context size has no counterpart."""
    tool: dict[str, Any] = {"type": WEB_SEARCH, "name": "web_search"}
    place = object_member(object_member(options.get("user_location")).get("approximate"))
    if place:
        known = {name: place[name] for name in ("city", "country", "region", "timezone") if place.get(name)}
        tool["user_location"] = {"type": "approximate", **known}
    return tool
