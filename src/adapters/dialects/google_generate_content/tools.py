"""Tools: OpenAI's function tools and tool choice as functionDeclarations and functionCallingConfig."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llm_gateway.adapters.dialects.google_generate_content.schema import adapt_parameters
from llm_gateway.domain.errors import InvalidRequest

_MODES = {"auto": "AUTO", "none": "NONE", "required": "ANY"}


def wire_tools(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Google's `tools`: all functions in one entry, then a search when `web_search_options` asks for one."""
    declarations = [_declaration(tool, f"tools[{n}]") for n, tool in enumerate(_list(body, "tools"))]
    for number, function in enumerate(_list(body, "functions")):  # before 2023-11
        declarations.append(_function(function, f"functions[{number}]"))
    tools: list[dict[str, Any]] = [{"functionDeclarations": declarations}] if declarations else []
    if isinstance(body.get("web_search_options"), Mapping):
        tools.append({"googleSearch": {}})
    return tools


def wire_tool_config(body: Mapping[str, Any]) -> dict[str, Any] | None:
    """None when the client chose nothing. `VALIDATED` is Google's automatic choice among some functions."""
    choice = body.get("tool_choice")
    if choice is None:
        choice = body.get("function_call")
    if choice is None:
        return None
    mode, names = _choice(choice)
    config: dict[str, Any] = {"mode": mode}
    if names:
        config["allowedFunctionNames"] = names
    return {"functionCallingConfig": config}


def _choice(choice: Any) -> tuple[str, list[str]]:
    if isinstance(choice, str) and choice in _MODES:
        return _MODES[choice], []
    if isinstance(choice, Mapping):
        kind = choice.get("type")
        if kind == "allowed_tools":
            allowed = choice.get("allowed_tools")
            return _allowed(allowed if isinstance(allowed, Mapping) else choice)
        function = choice.get("function") if kind == "function" else choice
        name = function.get("name") if isinstance(function, Mapping) else None
        if isinstance(name, str) and name:
            return "ANY", [name]
    raise InvalidRequest("this tool_choice cannot be said to Google", param="tool_choice")


def _allowed(allowed: Mapping[str, Any]) -> tuple[str, list[str]]:
    names = []
    for tool in _list(allowed, "tools"):
        function = tool.get("function") if isinstance(tool, Mapping) else None
        name = function.get("name") if isinstance(function, Mapping) else None
        if not isinstance(name, str):
            raise InvalidRequest("allowed_tools may only name functions", param="tool_choice")
        names.append(name)
    return "ANY" if allowed.get("mode") == "required" else "VALIDATED", names


def _declaration(tool: Any, param: str) -> dict[str, Any]:
    if not isinstance(tool, Mapping) or tool.get("type", "function") != "function":
        raise InvalidRequest("Google takes function tools only", param=param)
    return _function(tool.get("function"), f"{param}.function")


def _function(function: Any, param: str) -> dict[str, Any]:
    if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
        raise InvalidRequest("a function needs a name", param=f"{param}.name")
    declaration: dict[str, Any] = {"name": function["name"]}
    if isinstance(function.get("description"), str):
        declaration["description"] = function["description"]
    parameters = function.get("parameters")
    if isinstance(parameters, Mapping) and parameters:
        declaration["parametersJsonSchema"] = adapt_parameters(parameters)
    return declaration


def _list(body: Mapping[str, Any], name: str) -> list[Any]:
    value = body.get(name)
    if value is not None and not isinstance(value, list):
        raise InvalidRequest(f"{name} must be a list", param=name)
    return value or []
