"""Plain OpenAI answers: what passes, what is repaired, what is an error."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openai.types.chat import ChatCompletion

from llm_gateway.adapters.dialects.openai_chat.answer import read_answer
from llm_gateway.application.ports.dialect import Answer, AnswerContext
from llm_gateway.domain.errors import UpstreamMalformed, UpstreamRefused, UpstreamRejected

CONTEXT = AnswerContext(id="chatcmpl-own", created=1_700_000_000, model="asked")
USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}


def completion(message: Any = None, finish: Any = "stop", **members: Any) -> dict[str, Any]:
    said = {"role": "assistant", "content": "a", "refusal": None} if message is None else message
    choice = {"index": 0, "message": said, "finish_reason": finish, "logprobs": None}
    head = {"id": "c", "object": "chat.completion", "created": 1, "model": "m"}
    return {**head, "choices": [choice], "usage": USAGE, **members}


def answer(document: Any) -> Answer:
    return read_answer(json.dumps(document).encode(), CONTEXT)


def repaired(document: Any) -> Any:
    body = answer(document).body
    ChatCompletion.model_validate_json(body, strict=True)
    return json.loads(body)


def message(document: Any) -> Any:
    return repaired(document)["choices"][0]["message"]


def test_a_conforming_answer_passes_as_the_same_bytes() -> None:
    """With members that nobody knows yet."""
    body = json.dumps(completion(new_member={"x": 1.0}), indent=3).encode()
    found = read_answer(body, CONTEXT)
    assert found.body is body
    assert found.usage is not None and (found.usage.input_tokens, found.finish_reason) == (3, "stop")


@pytest.mark.parametrize(
    ("name", "own"), [("id", "chatcmpl-own"), ("created", 1_700_000_000), ("model", "asked")]
)
def test_missing_heads_are_filled(name: str, own: Any) -> None:
    """From what the gateway knows of the call."""
    document = completion()
    del document[name]
    assert repaired(document)[name] == own


def test_nullable_members_are_there() -> None:
    """`refusal` and `logprobs`, which OpenAI's schema requires."""
    document = completion({"content": "a"})
    del document["choices"][0]["logprobs"]
    choice = repaired(document)["choices"][0]
    assert choice["logprobs"] is None and choice["message"]["refusal"] is None


def test_thinking_parts_become_reasoning_and_text() -> None:
    """Mistral's magistral models."""
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}
    found = message(completion({"role": "assistant", "content": [thought, {"type": "text", "text": "yes"}]}))
    assert (found["content"], found["reasoning_content"]) == ("yes", "hm")


def test_both_spellings_of_reasoning_are_there() -> None:
    """`reasoning` gains `reasoning_content`."""
    found = message(completion({"role": "assistant", "content": "a", "reasoning": "hm"}))
    assert (found["reasoning"], found["reasoning_content"]) == ("hm", "hm")


def test_calls_are_completed() -> None:
    """Type, id and arguments, which clients read without asking."""
    calls = [{"function": {"name": "f"}}, {"id": "b", "function": {"name": "g", "arguments": {"x": 1}}}]
    found = repaired(completion({"role": "assistant", "content": None, "tool_calls": calls}, None))
    first, second = found["choices"][0]["message"]["tool_calls"]
    assert (first["id"], first["type"], first["function"]["arguments"]) == ("call_c_0_0", "function", "{}")
    assert (second["id"], second["function"]["arguments"]) == ("b", '{"x":1}')
    assert found["choices"][0]["finish_reason"] == "tool_calls"


def test_custom_calls_are_left_alone() -> None:
    """OpenAI's calls with free text."""
    call = {"id": "a", "type": "custom", "custom": {"name": "f", "input": "x"}}
    found = message(completion({"role": "assistant", "tool_calls": [call]}, "tool_calls"))
    assert found["tool_calls"] == [call]


@pytest.mark.parametrize(
    ("word", "meant"), [("", "stop"), (None, "stop"), ("eos", "stop"), ("max_tokens", "length")]
)
def test_finish_reasons_are_openais(word: Any, meant: str) -> None:
    """A plain answer is whole, so one without a reason ended naturally."""
    found = answer(completion(finish=word))
    assert found.finish_reason == meant


def test_a_choice_that_the_filter_emptied_has_a_message() -> None:
    """Azure leaves it out."""
    document = completion(finish="content_filter")
    del document["choices"][0]["message"]
    assert message(document) == {"role": "assistant", "content": None, "refusal": None}


def test_a_text_completion_is_a_message() -> None:
    """The older API's answers."""
    old = {"index": 0, "text": "hi", "finish_reason": "stop", "logprobs": None}
    assert message(completion(object="text_completion", choices=[old]))["content"] == "hi"


@pytest.mark.parametrize(
    ("error", "kind", "status"),
    [
        ({"message": "no", "code": 400}, UpstreamRefused, 400),
        ({"message": "slow down", "type": "rate_limit_error"}, UpstreamRejected, 429),
        ("broken", UpstreamRejected, 502),
    ],
)
def test_an_error_inside_a_200_is_an_error(error: Any, kind: type[Exception], status: int) -> None:
    """With the status that it names, else 502."""
    with pytest.raises(kind) as caught:
        answer({"error": error})
    assert getattr(caught.value, "status", None) == status


def test_an_answer_broken_off_by_the_provider_is_an_error() -> None:
    """So that another target is tried."""
    with pytest.raises(UpstreamRejected) as caught:
        answer(completion(finish="insufficient_system_resource"))
    assert caught.value.code == "insufficient_system_resource"


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b'{"choices":[]}', b'{"choices":[3]}', b"\xff{}"]
)
def test_what_is_no_completion_is_malformed(body: bytes) -> None:
    """Never an exception of a decoder."""
    with pytest.raises(UpstreamMalformed):
        read_answer(body, CONTEXT)


def test_usage_without_counts_is_left_out() -> None:
    """Nothing is invented."""
    found = answer(completion(usage={}))
    assert found.usage is None and "usage" not in json.loads(found.body)


def test_white_space_and_a_byte_order_mark_before_the_answer_are_nothing() -> None:
    """DeepSeek sends empty lines while it waits."""
    body = json.dumps(completion()).encode()
    assert read_answer(b"\n\n" + body, CONTEXT).finish_reason == "stop"
    assert read_answer(b"\xef\xbb\xbf" + body, CONTEXT).body.startswith(b"{")
