"""The hub's messages as `system` and `messages`: who may speak when, and what belongs into one turn."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from llm_gateway.adapters.dialects.anthropic_messages.claude_model import ClaudeModel
from llm_gateway.adapters.dialects.anthropic_messages.content import Block, content_blocks
from llm_gateway.adapters.dialects.anthropic_messages.members import list_member
from llm_gateway.adapters.dialects.anthropic_messages.reasoning import thinking_blocks
from llm_gateway.domain.errors import InvalidRequest

_NOT_IN_AN_ID = re.compile(r"[^a-zA-Z0-9_-]")
_EMPTY_INPUT = msgspec.Raw(b"{}")


class Conversation:
    """Collects hub messages in order; `system` and `messages` are the wire's members of those names.

    Turns of one role are joined. Tool results come first in their turn, as the API demands. A system or
    developer message goes to `system`; once a user has spoken it stays where it is on models that take
    that (it must follow a user turn and precede an assistant's), because hoisting would cost the prompt
    cache.
    """

    def __init__(self, model: ClaudeModel) -> None:
        self.system: list[Block] = []
        self.messages: list[dict[str, Any]] = []
        self._model = model
        self._held: list[Block] = []

    def add(self, message: Any, where: str) -> None:
        """Raises InvalidRequest that names what cannot be said."""
        role = message.get("role") if isinstance(message, dict) else None
        if role in ("system", "developer"):
            self._add_system(_marked(message, content_blocks(message.get("content"), f"{where}.content")))
        elif role == "user":
            self._extend("user", _marked(message, content_blocks(message.get("content"), f"{where}.content")))
        elif role == "tool":
            self._add_result(_marked(message, [_tool_result(message, where)])[0])
        elif role == "assistant":
            self._place_held()
            self._extend("assistant", _marked(message, _assistant_blocks(message, where)))
        else:
            raise InvalidRequest(
                f"{where}.role: {role!r} is not a role that this provider knows", param=f"{where}.role"
            )

    def finish(self) -> None:
        self._place_held()
        if not self.messages:
            raise InvalidRequest(
                "messages must hold at least one user or assistant message with content", param="messages"
            )
        if self.messages[-1]["role"] == "assistant":
            self._trim_prefill()

    @property
    def resumes_unthought(self) -> bool:
        """Whether the last answer called tools without its thinking, which most clients do not send back.

        A thinking budget is refused then: "a final `assistant` message must start with a thinking block".
        """
        for turn in reversed(self.messages):
            if turn["role"] == "assistant":
                kinds = [block["type"] for block in turn["content"]]
                return "tool_use" in kinds and kinds[0] not in ("thinking", "redacted_thinking")
        return False

    def _add_system(self, blocks: list[Block]) -> None:
        if self._model.inline_system and self.messages:
            self._held.extend(blocks)
        else:
            self.system.extend(blocks)

    def _place_held(self) -> None:
        held, self._held = self._held, []
        if held and self.messages[-1]["role"] == "user":
            self.messages.append({"role": "system", "content": held})
        else:
            self.system.extend(held)

    def _extend(self, role: str, blocks: list[Block]) -> None:
        if not blocks:
            return
        if self.messages and self.messages[-1]["role"] == role:
            self.messages[-1]["content"].extend(blocks)
        else:
            self.messages.append({"role": role, "content": blocks})

    def _add_result(self, result: Block) -> None:
        if not self.messages or self.messages[-1]["role"] != "user":
            self.messages.append({"role": "user", "content": []})
        turn = self.messages[-1]["content"]
        results = sum(block["type"] == "tool_result" for block in turn)
        turn.insert(results, result)

    def _trim_prefill(self) -> None:
        """The API refuses trailing white space in an answer that it shall continue."""
        content = self.messages[-1]["content"]
        if content[-1]["type"] == "text":
            content[-1] = {**content[-1], "text": content[-1]["text"].rstrip()}


def wire_id(identifier: str) -> str:
    """A tool call id in the API's alphabet; ids made by other providers may hold `:` or `.`."""
    return _NOT_IN_AN_ID.sub("_", identifier)


def _assistant_blocks(message: dict[str, Any], where: str) -> list[Block]:
    blocks = thinking_blocks(message.get("reasoning_details"))
    blocks += content_blocks(message.get("content"), f"{where}.content")
    if isinstance(message.get("refusal"), str):
        blocks += content_blocks(message["refusal"], f"{where}.refusal")
    for index, call in enumerate(list_member(message.get("tool_calls"), f"{where}.tool_calls")):
        blocks.append(_tool_use(call, f"{where}.tool_calls[{index}]"))
    if message.get("function_call"):
        raise InvalidRequest("use tool_calls instead of function_call", param=f"{where}.function_call")
    return blocks


def _tool_use(call: Any, at: str) -> Block:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        raise InvalidRequest(f"{at} must be a call of a function", param=at)
    return {
        "type": "tool_use",
        "id": wire_id(str(call.get("id"))),
        "name": function["name"],
        "input": _tool_input(function.get("arguments")),
    }


def _tool_input(arguments: Any) -> msgspec.Raw | dict[str, str]:
    """The arguments' own bytes, so that no number or escape in them changes.

    What is not a JSON object is wrapped as Anthropic's guide to fine-grained tool streaming says, so that
    a conversation in which a model once wrote broken JSON can go on.
    """
    if not isinstance(arguments, str) or not arguments.strip():
        return _EMPTY_INPUT
    try:
        if isinstance(msgspec.json.decode(arguments, type=dict[str, msgspec.Raw]), dict):
            return msgspec.Raw(arguments.encode())
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        pass
    return {"INVALID_JSON": arguments}


def _tool_result(message: dict[str, Any], where: str) -> Block:
    identifier = message.get("tool_call_id")
    if not isinstance(identifier, str):
        raise InvalidRequest(f"{where}.tool_call_id must be a string", param=f"{where}.tool_call_id")
    result: Block = {"type": "tool_result", "tool_use_id": wire_id(identifier)}
    blocks = content_blocks(message.get("content"), f"{where}.content")
    if blocks:
        result["content"] = blocks
    return result


def _marked(message: dict[str, Any], blocks: list[Block]) -> list[Block]:
    """`cache_control` on a whole message marks its last block (a convention of OpenAI-compatible clients)."""
    if blocks and isinstance(message.get("cache_control"), dict):
        blocks[-1] = {**blocks[-1], "cache_control": message["cache_control"]}
    return blocks
