"""Messages API answers as hub answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llm_gateway.adapters.dialects.anthropic_messages.answer import read_answer
from llm_gateway.adapters.dialects.anthropic_messages.structured_output import TOOL_NAME
from llm_gateway.application.ports.dialect import AnswerContext
from llm_gateway.domain.errors import UpstreamMalformed, UpstreamRejected
from llm_gateway.domain.usage import Usage

CONTEXT = AnswerContext(id="chatcmpl-1", created=17, model="asked-for")


def read(*blocks: dict[str, Any], stop: str | None = "end_turn", **more: Any) -> dict[str, Any]:
    message = {"id": "msg_1", "model": "claude-x", "content": list(blocks), "stop_reason": stop, **more}
    made: dict[str, Any] = json.loads(read_answer(json.dumps(message).encode(), CONTEXT).body)
    return made


def message_of(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = read(*blocks, **more)["choices"][0]["message"]
    return made


def text(content: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": content, **more}


def test_the_head_is_the_providers() -> None:
    """Time comes from the gateway; id and model too where the provider names none."""
    made = read(text("hi"))
    assert (made["id"], made["model"], made["created"]) == ("msg_1", "claude-x", 17)
    bare = json.loads(read_answer(b'{"content":[]}', CONTEXT).body)
    assert (bare["id"], bare["model"]) == ("chatcmpl-1", "asked-for")


@pytest.mark.parametrize(
    ("stop", "finish"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("pause_turn", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("tool_use", "tool_calls"),
        ("refusal", "content_filter"),
        ("a reason of the future", "stop"),
        (None, "stop"),
    ],
)
def test_stop_reasons(stop: str | None, finish: str) -> None:
    """In OpenAI's vocabulary."""
    assert read(text("hi"), stop=stop)["choices"][0]["finish_reason"] == finish


def test_prompt_tokens_include_what_was_cached() -> None:
    """Anthropic counts it apart."""
    counts = {"input_tokens": 5, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 20}
    body = {
        "content": [],
        "usage": {**counts, "output_tokens": 7, "output_tokens_details": {"thinking_tokens": 3}},
    }
    usage = read_answer(json.dumps(body).encode(), CONTEXT).usage
    assert usage == Usage(
        input_tokens=125, output_tokens=7, cached_tokens=100, cache_write_tokens=20, reasoning_tokens=3
    )


def test_arguments_keep_their_bytes() -> None:
    """No number in them is read as a float and written again."""
    call = b'{"type":"tool_use","id":"t","name":"f","input":{"n": 1.0, "big": 12345678901234567890123}}'
    made = json.loads(read_answer(b'{"content":[%b],"stop_reason":"tool_use"}' % call, CONTEXT).body)
    (made_call,) = made["choices"][0]["message"]["tool_calls"]
    assert made_call["function"]["arguments"] == '{"n": 1.0, "big": 12345678901234567890123}'


@pytest.mark.parametrize("tool_input", [{}, {"input": {}}, {"input": None}])
def test_no_input_is_an_empty_object(tool_input: dict[str, Any]) -> None:
    """Clients parse the arguments."""
    (call,) = message_of({"type": "tool_use", "id": "t", "name": "f", **tool_input})["tool_calls"]
    assert call["function"]["arguments"] == "{}"


def test_content_is_null_only_beside_calls() -> None:
    """An answer without anything has empty content."""
    assert message_of()["content"] == ""
    assert message_of({"type": "tool_use", "id": "t", "name": "f"})["content"] is None


def test_thinking_is_carried_with_its_signature() -> None:
    """As text and as details that can be sent back."""
    made = message_of(
        {"type": "thinking", "thinking": "hm", "signature": "s"}, {"type": "redacted_thinking", "data": "d"}
    )
    assert made["reasoning_content"] == "hm"
    assert [detail["type"] for detail in made["reasoning_details"]] == [
        "reasoning.text",
        "reasoning.encrypted",
    ]
    assert made["reasoning_details"][0]["signature"] == "s"


def test_a_refusal_is_explained() -> None:
    """What the provider says about it is the refusal."""
    details = {"type": "refusal", "category": "cyber", "explanation": "No."}
    assert message_of(stop="refusal", stop_details=details)["refusal"] == "No."


def test_citations_of_pages_are_annotations() -> None:
    """They span the text block that they belong to; those of documents have no URL."""
    page = {"type": "web_search_result_location", "url": "https://a.b/c", "title": "T", "cited_text": "x"}
    paper = {"type": "char_location", "document_index": 0, "cited_text": "x"}
    (note,) = message_of(text("ab"), text("cde", citations=[page, paper]))["annotations"]
    assert note["url_citation"] == {
        "url": "https://a.b/c",
        "title": "T",
        "start_index": 2,
        "end_index": 5,
    }


def test_blocks_that_are_the_providers_own_affair_are_passed_over() -> None:
    """Server tools and their results; text of a block of the future is kept."""
    made = message_of(
        {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}},
        {"type": "web_search_tool_result", "tool_use_id": "s", "content": []},
        {"type": "of the future", "text": "kept"},
        {"type": "compaction", "content": "summary"},
    )
    assert made["content"] == "kept" and "tool_calls" not in made
    assert made["reasoning_details"][0]["summary"] == "summary"


def test_emulated_structured_output_is_content() -> None:
    """The tool's input is the answer."""
    made = read({"type": "tool_use", "id": "t", "name": TOOL_NAME, "input": {"a": 1}}, stop="tool_use")
    choice = made["choices"][0]
    assert json.loads(choice["message"]["content"]) == {"a": 1}
    assert choice["finish_reason"] == "stop" and "tool_calls" not in choice["message"]


def test_the_tier_is_named_in_openais_words() -> None:
    """standard is default."""
    assert (
        read(usage={"input_tokens": 1, "output_tokens": 1, "service_tier": "standard"})["service_tier"]
        == "default"
    )


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{}", b"[]", b'{"content":3}', b'{"content":[3]}', b"\xff"]
)
def test_what_is_no_message_is_malformed(body: bytes) -> None:
    """An answer that is not what its protocol says."""
    with pytest.raises(UpstreamMalformed):
        read_answer(body, CONTEXT)


def test_an_error_inside_a_200_is_that_error() -> None:
    """Its type stands for the status."""
    with pytest.raises(UpstreamRejected) as caught:
        read_answer(b'{"type":"error","error":{"type":"overloaded_error","message":"busy"}}', CONTEXT)
    assert (caught.value.status, caught.value.code) == (529, "overloaded")


def test_null_members_say_nothing() -> None:
    """Some providers behind this wire format write every member."""
    made = message_of(
        text("a", citations=None), {"type": "text", "text": None}, error=None, stop_details=None
    )
    assert made["content"] == "a"
