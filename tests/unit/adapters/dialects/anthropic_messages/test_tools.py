"""Tools and tool_choice."""

from __future__ import annotations

from typing import Any

import pytest

from llm_gateway.adapters.dialects.anthropic_messages.claude_model import claude_model
from llm_gateway.adapters.dialects.anthropic_messages.tools import Tools, plan_tools
from llm_gateway.domain.errors import InvalidRequest, UnsupportedParameter

ANSWER = {"name": "answer", "input_schema": {"type": "object"}}


def function(name: str = "f", **more: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, **more}}


def plan(
    *tools: dict[str, Any],
    model: str = "claude-sonnet-4-5",
    answer: dict[str, Any] | None = None,
    **more: Any,
) -> Tools:
    return plan_tools({"tools": list(tools), **more}, claude_model(model), answer)


@pytest.mark.parametrize(
    ("hub", "wire"),
    [
        ("auto", {"type": "auto"}),
        ("none", {"type": "none"}),
        ("required", {"type": "any"}),
        (function("f"), {"type": "tool", "name": "f"}),
    ],
)
def test_a_choice_is_translated(hub: Any, wire: dict[str, Any]) -> None:
    """OpenAI's four forms."""
    assert plan(function(), tool_choice=hub).choice == wire


def test_parallel_calls_can_be_turned_off() -> None:
    """It travels inside the choice; without one the choice is auto."""
    assert plan(function(), parallel_tool_calls=False).choice == {
        "type": "auto",
        "disable_parallel_tool_use": True,
    }
    assert plan(function(), parallel_tool_calls=True).choice is None
    assert plan(function(), parallel_tool_calls=False, tool_choice="none").choice == {"type": "none"}


def test_a_choice_without_tools_is_left_out() -> None:
    """The API refuses it."""
    assert plan(tool_choice="auto", parallel_tool_calls=False).choice is None


def test_allowed_tools_are_the_only_ones_sent() -> None:
    """The API has no list of allowed tools."""
    allowed = {"mode": "required", "tools": [function("b")]}
    made = plan(function("a"), function("b"), tool_choice={"type": "allowed_tools", "allowed_tools": allowed})
    assert [tool["name"] for tool in made.tools] == ["b"]
    assert made.choice == {"type": "any"}


def test_a_strict_tool_is_closed() -> None:
    """Where closing it loses nothing and the model knows strict tools."""
    schema = {"type": "object", "properties": {"a": {"type": "integer", "minimum": 1}}}
    (tool,) = plan(function(parameters=schema, strict=True)).tools
    assert tool["strict"] is True and tool["input_schema"]["additionalProperties"] is False
    (old,) = plan(function(parameters=schema, strict=True), model="claude-3-opus").tools
    assert "strict" not in old and old["input_schema"] == schema


def test_an_open_tool_cannot_be_strict() -> None:
    """Its arguments matter more than the guarantee."""
    schema = {"type": "object", "additionalProperties": {"type": "string"}}
    (tool,) = plan(function(parameters=schema, strict=True)).tools
    assert "strict" not in tool and tool["input_schema"]["additionalProperties"] == {"type": "string"}


def test_anthropics_own_tools_pass() -> None:
    """A dated type is one of the provider's server tools."""
    search = {"type": "web_search_20250305", "name": "web_search", "max_uses": 3}
    assert plan(search).tools == [search]


def test_web_search_options_become_the_server_tool() -> None:
    """With the place of the user."""
    place = {"type": "approximate", "approximate": {"city": "Bern", "country": "CH"}}
    (tool,) = plan(web_search_options={"user_location": place, "search_context_size": "low"}).tools
    assert tool["name"] == "web_search"
    assert tool["user_location"] == {"type": "approximate", "city": "Bern", "country": "CH"}


def test_the_answer_tool_is_forced_alone() -> None:
    """Structured output without other tools."""
    assert plan(answer=ANSWER) == Tools(tools=[ANSWER], choice={"type": "tool", "name": "answer"})


def test_the_answer_tool_is_one_of_all() -> None:
    """The model calls a tool of the client or gives its answer; a tool that the client forces comes first."""
    assert plan(function(), answer=ANSWER).choice == {"type": "any"}
    assert plan(function(), answer=ANSWER, tool_choice="none").choice == {"type": "tool", "name": "answer"}
    assert plan(function(), answer=ANSWER, tool_choice=function("f")).choice == {"type": "tool", "name": "f"}


def test_a_forced_choice_that_the_model_refuses_is_named() -> None:
    """Opus 5.5 takes neither any nor tool."""
    with pytest.raises(UnsupportedParameter) as caught:
        plan(function(), model="claude-opus-5-5", tool_choice="required")
    assert caught.value.param == "tool_choice"


@pytest.mark.parametrize(
    ("tool", "param"),
    [
        ({"type": "custom", "custom": {"name": "x"}}, "tools[0]"),
        ({"type": "function", "function": {}}, "tools[0].function.name"),
        ("f", "tools[0]"),
    ],
)
def test_what_is_no_function_is_named(tool: Any, param: str) -> None:
    """Custom tools have no counterpart."""
    with pytest.raises(InvalidRequest) as caught:
        plan(tool)
    assert caught.value.param == param
