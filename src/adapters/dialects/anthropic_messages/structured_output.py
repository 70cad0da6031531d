"""Structured output: native where the model has it, else a tool that the model is made to call.

The tool's input is the answer then, and is handed to the client as content (`TOOL_NAME` marks it).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from llm_gateway.adapters.dialects.anthropic_messages.claude_model import ClaudeModel
from llm_gateway.adapters.dialects.anthropic_messages.json_schema import input_schema, modern
from llm_gateway.adapters.dialects.anthropic_messages.members import object_member
from llm_gateway.adapters.dialects.anthropic_messages.strict_schema import expressible, strict_schema
from llm_gateway.domain.errors import InvalidRequest

TOOL_NAME = "gateway_structured_output"
_DESCRIPTION = "Gives the final answer. Its input is the whole answer."


@dataclass(frozen=True, slots=True, kw_only=True)
class StructuredOutput:
    """At most one of `format` (the wire's `output_config.format`) and `tool` is set."""

    format: dict[str, Any] | None = None
    tool: dict[str, Any] | None = None


def plan_structured_output(document: Mapping[str, Any], model: ClaudeModel, mode: Any) -> StructuredOutput:
    """`mode` is the option `structured_output`: None (by model), `native` or `tool`.

    1. No response format, or text: nothing.
    2. `json_object`: a tool with any object as its input; there is no native form.
    3. `json_schema` that native output can hold: native.
    4. `json_schema` with open maps or recursion, which native output would close or refuse: a tool.
    5. The same where the model refuses forced tools: native all the same, closed.
    """
    wanted = object_member(document.get("response_format"))
    kind = wanted.get("type", "text")
    native = model.structured_output if mode is None else mode == "native"
    if kind == "json_object":
        return StructuredOutput(tool=_tool({"type": "object"}, model, None))
    if kind != "json_schema":
        return StructuredOutput()
    named = object_member(wanted.get("json_schema"))
    if not isinstance(named.get("schema"), dict):
        raise InvalidRequest(
            "response_format.json_schema.schema must be an object", param="response_format.json_schema.schema"
        )
    schema = modern(named["schema"])
    if native and (expressible(schema) or not model.forced_tools):
        return StructuredOutput(format={"type": "json_schema", "schema": strict_schema(schema)})
    return StructuredOutput(tool=_tool(schema, model, named.get("description")))


def _tool(schema: dict[str, Any], model: ClaudeModel, description: Any) -> dict[str, Any]:
    if not model.forced_tools:
        raise InvalidRequest(
            "this model answers in JSON only by a schema (response_format of type json_schema)",
            param="response_format",
            code="unsupported_parameter",
        )
    text = f"{_DESCRIPTION} {description}" if isinstance(description, str) and description else _DESCRIPTION
    return {"name": TOOL_NAME, "description": text, "input_schema": input_schema(schema)}
