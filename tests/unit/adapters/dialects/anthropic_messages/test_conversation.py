"""Messages as system and turns."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from llm_gateway.adapters.dialects.anthropic_messages.claude_model import claude_model
from llm_gateway.adapters.dialects.anthropic_messages.conversation import Conversation, wire_id
from llm_gateway.domain.errors import InvalidRequest

Message = dict[str, Any]


def user(text: str = "hi") -> Message:
    return {"role": "user", "content": text}


def called(*ids: str, arguments: str = "{}") -> Message:
    calls = [{"id": id, "type": "function", "function": {"name": "f", "arguments": arguments}} for id in ids]
    return {"role": "assistant", "content": None, "tool_calls": calls}


def result(id: str, content: str = "ok") -> Message:
    return {"role": "tool", "tool_call_id": id, "content": content}


def read(*messages: Message, model: str = "claude-sonnet-4-5") -> Conversation:
    conversation = Conversation(claude_model(model))
    for index, message in enumerate(messages):
        conversation.add(message, f"messages[{index}]")
    conversation.finish()
    return conversation


def shape(conversation: Conversation) -> list[tuple[str, list[str]]]:
    turns = conversation.messages
    return [(turn["role"], [block["type"] for block in turn["content"]]) for turn in turns]


def test_system_and_developer_messages_go_to_system() -> None:
    """Each keeps its own block."""
    made = read({"role": "system", "content": "a"}, {"role": "developer", "content": "b"}, user())
    assert [block["text"] for block in made.system] == ["a", "b"]
    assert shape(made) == [("user", ["text"])]


def test_a_late_system_message_is_hoisted_on_older_models() -> None:
    """They take no system role inside the conversation."""
    made = read(user(), {"role": "system", "content": "late"}, {"role": "assistant", "content": "x"})
    assert [block["text"] for block in made.system] == ["late"]


def test_a_late_system_message_stays_after_its_turn_on_newer_models() -> None:
    """It follows the user turn and precedes the assistant's, so the cached prefix keeps."""
    late = {"role": "system", "content": "late"}
    made = read(user(), late, user("more"), {"role": "assistant", "content": "x"}, model="claude-opus-4-8")
    assert shape(made) == [("user", ["text", "text"]), ("system", ["text"]), ("assistant", ["text"])]


def test_results_of_parallel_calls_are_one_turn_and_come_first() -> None:
    """The API wants every result right after the calls."""
    made = read(user(), called("a", "b"), result("a"), user("also"), result("b"))
    assert shape(made)[1:] == [
        ("assistant", ["tool_use", "tool_use"]),
        ("user", ["tool_result", "tool_result", "text"]),
    ]


def test_arguments_keep_their_bytes() -> None:
    """No number, order or escape in them changes."""
    arguments = '{"b": 1.0, "a": 12345678901234567890123, "c": "\\u00e9"}'
    made = read(user(), called("a", arguments=arguments))
    assert arguments.encode() in msgspec.json.encode(made.messages)


@pytest.mark.parametrize("arguments", ['{"cut', "[1]", "nonsense"])
def test_arguments_that_are_no_object_are_wrapped(arguments: str) -> None:
    """A conversation in which a model once wrote broken JSON can go on."""
    made = read(user(), called("a", arguments=arguments))
    assert made.messages[1]["content"][0]["input"] == {"INVALID_JSON": arguments}


def test_ids_of_other_providers_fit_the_alphabet_on_both_sides() -> None:
    """Call and result still find each other."""
    made = read(user(), called("functions.f:0"), result("functions.f:0"))
    use, answer = made.messages[1]["content"][0], made.messages[2]["content"][0]
    assert use["id"] == answer["tool_use_id"] == wire_id("functions.f:0") == "functions_f_0"


def test_a_prefill_ends_without_white_space() -> None:
    """The API refuses trailing white space in an answer that it shall continue."""
    made = read(user(), {"role": "assistant", "content": "The answer is "})
    assert made.messages[-1]["content"][0]["text"] == "The answer is"


def test_thinking_comes_before_text_and_calls() -> None:
    """The order that the next turn is accepted in."""
    detail = {"type": "reasoning.text", "text": "hm", "signature": "s"}
    message = {**called("a"), "content": "text", "reasoning_details": [detail]}
    assert shape(read(user(), message))[1] == ("assistant", ["thinking", "text", "tool_use"])


@pytest.mark.parametrize(
    ("message", "param"),
    [
        ({"role": "function", "name": "f", "content": "x"}, "messages[0].role"),
        ({"role": "tool", "content": "x"}, "messages[0].tool_call_id"),
        ({"role": "assistant", "tool_calls": [{"type": "custom"}]}, "messages[0].tool_calls[0]"),
        ({"role": "system", "content": "alone"}, "messages"),
    ],
)
def test_what_cannot_be_said_is_named(message: Message, param: str) -> None:
    """The path of the offending message."""
    with pytest.raises(InvalidRequest) as caught:
        read(message)
    assert caught.value.param == param
