"""Structured output, native or by a tool."""

from __future__ import annotations

from typing import Any

import pytest

from llm_gateway.adapters.dialects.anthropic_messages.claude_model import claude_model
from llm_gateway.adapters.dialects.anthropic_messages.structured_output import (
    TOOL_NAME,
    StructuredOutput,
    plan_structured_output,
)
from llm_gateway.domain.errors import InvalidRequest

CLOSED = {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False}
OPEN = {"type": "object", "additionalProperties": {"type": "string"}}


def plan(schema: Any, model: str = "claude-sonnet-4-5", mode: str | None = None) -> StructuredOutput:
    wanted = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema, "description": "D."}}
    return plan_structured_output({"response_format": wanted}, claude_model(model), mode)


def test_native_where_the_model_has_it() -> None:
    """output_config.format, the schema closed."""
    assert plan(CLOSED).format == {"type": "json_schema", "schema": CLOSED}


def test_a_tool_where_it_has_not() -> None:
    """Older models are made to call a tool whose input is the answer."""
    tool = plan(CLOSED, "claude-3-5-haiku-latest").tool
    assert tool is not None
    assert (tool["name"], tool["input_schema"]) == (TOOL_NAME, CLOSED)


def test_a_tool_for_a_schema_that_native_output_would_close() -> None:
    """Open maps survive only as a tool's input."""
    tool = plan(OPEN).tool
    assert tool is not None and tool["input_schema"]["additionalProperties"] == {"type": "string"}


def test_native_all_the_same_where_no_tool_can_be_forced() -> None:
    """The newest models take no forced tool."""
    assert plan(OPEN, "claude-opus-5-5").format is not None


def test_the_option_decides_over_the_name() -> None:
    """For models behind other names."""
    assert plan(CLOSED, mode="tool").tool is not None
    assert plan(CLOSED, "claude-3-opus", mode="native").format is not None


def test_json_without_a_schema_is_any_object() -> None:
    """There is no native form of json_object."""
    document = {"response_format": {"type": "json_object"}}
    tool = plan_structured_output(document, claude_model("claude-opus-4-8"), None).tool
    assert tool is not None and tool["input_schema"] == {"type": "object", "properties": {}}
    with pytest.raises(InvalidRequest) as caught:
        plan_structured_output(document, claude_model("claude-opus-5-5"), None)
    assert caught.value.param == "response_format"


def test_text_asks_for_nothing() -> None:
    """As does no response format."""
    for document in ({}, {"response_format": {"type": "text"}}, {"response_format": None}):
        assert plan_structured_output(document, claude_model("x"), None) == StructuredOutput()


def test_a_missing_schema_is_named() -> None:
    """json_schema needs one."""
    with pytest.raises(InvalidRequest) as caught:
        plan(None)
    assert caught.value.param == "response_format.json_schema.schema"
