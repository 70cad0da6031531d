"""Contents: user turns and tool results."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from llm_gateway.adapters.dialects.google_generate_content.content import ContentsWriter
from llm_gateway.domain.errors import InvalidRequest

_PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}}
_BLOB = {"inlineData": {"mimeType": "image/png", "data": "QUJD"}}


def _call(*names: str) -> dict[str, Any]:
    calls = [
        {"id": f"id_{name}", "type": "function", "function": {"name": name, "arguments": "{}"}}
        for name in names
    ]
    return {"role": "assistant", "content": None, "tool_calls": calls}


def _result(name: str, content: Any) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": f"id_{name}", "content": content}


def _contents(*messages: Any, model: str = "gemini-2.5-flash") -> Any:
    writer = ContentsWriter(model)
    for number, message in enumerate(messages):
        writer.take(message, f"messages[{number}]")
    return msgspec.json.decode(msgspec.json.encode(writer.contents))


def test_parts_keep_their_order() -> None:
    """Text, picture, text."""
    parts = [{"type": "text", "text": "a"}, _PICTURE, {"type": "text", "text": "b"}]
    assert _contents({"role": "user", "content": parts})[0]["parts"] == [{"text": "a"}, _BLOB, {"text": "b"}]


def test_results_of_parallel_calls_are_one_turn() -> None:
    """Google wants as many responses in the turn as there were calls."""
    contents = _contents(
        _call("f", "g"), _result("f", "1"), _result("g", "2"), {"role": "user", "content": "go on"}
    )
    assert [content["role"] for content in contents] == ["model", "user", "user"]
    responses = [part["functionResponse"] for part in contents[1]["parts"]]
    assert [(r["name"], r["id"]) for r in responses] == [("f", "id_f"), ("g", "id_g")]


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ('{"a": 1.50}', {"a": 1.5}),
        ("[1, 2]", {"output": [1, 2]}),
        ("sunny", {"output": "sunny"}),
        ("{not json", {"output": "{not json"}),
        ("007", {"output": "007"}),
        ("", {"output": ""}),
    ],
)
def test_a_result_becomes_an_object(text: str, response: Any) -> None:
    """A JSON object goes as it is; anything else is Google's `output`."""
    contents = _contents(_call("f"), _result("f", text))
    assert contents[1]["parts"][0]["functionResponse"]["response"] == response


def test_a_results_numbers_are_not_touched() -> None:
    """The object's own bytes travel."""
    writer = ContentsWriter("gemini-2.5-flash")
    writer.take(_call("f"), "m")
    writer.take(_result("f", '{"big": 12345678901234567890, "exact": 1.10}'), "m")
    assert b'{"big": 12345678901234567890, "exact": 1.10}' in msgspec.json.encode(writer.contents)


def test_pictures_in_results_go_inside_for_models_that_take_them() -> None:
    """Gemini 3 has a place in the response; older models see them beside it."""
    messages = (_call("f"), _result("f", [{"type": "text", "text": "see"}, _PICTURE]))
    new = _contents(*messages, model="gemini-3-flash-preview")[1]["parts"]
    old = _contents(*messages, model="gemini-2.5-flash")[1]["parts"]
    assert new[0]["functionResponse"]["parts"] == [_BLOB] and len(new) == 1
    assert old[1] == _BLOB


def test_a_result_without_its_call_is_refused() -> None:
    """Google needs the function's name, which only the call told."""
    with pytest.raises(InvalidRequest) as caught:
        _contents({"role": "user", "content": "x"}, _result("f", "1"))
    assert caught.value.param == "messages[1].tool_call_id"


def test_a_legacy_function_message_names_its_function() -> None:
    """The form from before 2023-11."""
    call = {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": '{"x":1}'}}
    contents = _contents(call, {"role": "function", "name": "f", "content": "1"})
    assert contents[0]["parts"] == [{"functionCall": {"name": "f", "args": {"x": 1}}}]
    assert contents[1]["parts"] == [{"functionResponse": {"name": "f", "response": {"output": "1"}}}]


def test_an_unknown_part_is_refused_by_name() -> None:
    """Rather than silently not sent."""
    with pytest.raises(InvalidRequest) as caught:
        _contents({"role": "user", "content": [{"type": "hologram"}]})
    assert caught.value.param == "messages[0].content[0]"
