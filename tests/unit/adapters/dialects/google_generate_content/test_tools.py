"""Tools and tool choice."""

from __future__ import annotations

from typing import Any

import pytest

from llm_gateway.adapters.dialects.google_generate_content.tools import wire_tool_config, wire_tools
from llm_gateway.domain.errors import InvalidRequest

_F = {"type": "function", "function": {"name": "f"}}
_G = {"type": "function", "function": {"name": "g"}}


def test_all_functions_are_one_tool() -> None:
    """Google's form; the schema travels as JSON Schema."""
    schema = {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}
    function = {"name": "f", "description": "does", "parameters": schema, "strict": True}
    assert wire_tools({"tools": [{"type": "function", "function": function}, _G]}) == [
        {
            "functionDeclarations": [
                {"name": "f", "description": "does", "parametersJsonSchema": schema},
                {"name": "g"},
            ]
        }
    ]


def test_legacy_functions_are_tools() -> None:
    """The form from before 2023-11."""
    assert wire_tools({"functions": [{"name": "f"}]}) == [{"functionDeclarations": [{"name": "f"}]}]


def test_web_search_is_googles_search() -> None:
    """OpenAI's `web_search_options`, even an empty one, turns searching on."""
    assert wire_tools({"web_search_options": {}}) == [{"googleSearch": {}}]


@pytest.mark.parametrize(
    ("choice", "mode", "names"),
    [
        ("auto", "AUTO", None),
        ("none", "NONE", None),
        ("required", "ANY", None),
        (_F, "ANY", ["f"]),
        ({"name": "f"}, "ANY", ["f"]),
        (
            {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [_F, _G]}},
            "ANY",
            ["f", "g"],
        ),
        ({"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [_F]}}, "VALIDATED", ["f"]),
    ],
)
def test_every_choice_has_a_mode(choice: Any, mode: str, names: list[str] | None) -> None:
    """VALIDATED is the automatic choice that takes a list of names."""
    config = {"mode": mode} if names is None else {"mode": mode, "allowedFunctionNames": names}
    assert wire_tool_config({"tool_choice": choice}) == {"functionCallingConfig": config}


def test_no_choice_is_no_config() -> None:
    """Google's default is automatic as well."""
    assert wire_tool_config({}) is None


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"tools": [{"type": "custom", "custom": {"name": "x"}}]}, "tools[0]"),
        ({"tools": [{"type": "function", "function": {}}]}, "tools[0].function.name"),
        ({"tools": {}}, "tools"),
    ],
)
def test_tools_that_google_does_not_know_are_refused(body: dict[str, Any], param: str) -> None:
    """Free-form tools among others."""
    with pytest.raises(InvalidRequest) as caught:
        wire_tools(body)
    assert caught.value.param == param


@pytest.mark.parametrize("choice", ["sometimes", {"type": "custom", "custom": {"name": "x"}}, 7])
def test_choices_that_google_does_not_know_are_refused(choice: Any) -> None:
    """Rather than read as automatic."""
    with pytest.raises(InvalidRequest):
        wire_tool_config({"tool_choice": choice})
