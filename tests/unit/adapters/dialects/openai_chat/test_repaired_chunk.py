"""Streams that bend OpenAI's format reach the client in it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openai.types.chat import ChatCompletionChunk

from tests.samples.openai_chunks import (
    DONE,
    HEAD,
    call,
    calls,
    chunk,
    deltas,
    event,
    finishes,
    read,
    role,
    usage_chunk,
)


def strict(chunks: list[Any]) -> list[Any]:
    for part in chunks:
        ChatCompletionChunk.model_validate_json(json.dumps(part), strict=True)
    return chunks


def test_one_id_per_stream() -> None:
    """The first one, whatever comes later."""
    chunks = read(role(), chunk({"content": "a"}, id="other"), chunk(finish="stop", id=""), DONE)
    assert {part["id"] for part in chunks} == {"chatcmpl-up"}


@pytest.mark.parametrize("name", ["id", "object", "created", "model"])
@pytest.mark.parametrize("value", [None, "", 0])
def test_missing_heads_are_filled(name: str, value: Any) -> None:
    """With the gateway's own id, time and the model that was asked for."""
    parts = [
        chunk({"role": "assistant", "content": "a"}, **{name: value}),
        chunk(finish="stop", **{name: value}),
    ]
    chunks = strict(read(*parts, DONE))
    own = {"id": "chatcmpl-own", "object": HEAD["object"], "created": 1_700_000_000, "model": "asked"}
    assert [part[name] for part in chunks] == [own[name]] * 2


def test_the_first_delta_has_the_role() -> None:
    """And it is first in it."""
    chunks = read(chunk({"content": "a"}), chunk(finish="stop"), DONE)
    assert deltas(chunks)[0] == {"role": "assistant", "content": "a"}


def test_a_repeated_role_is_left_out() -> None:
    """Clients append: they would make it assistantassistant."""
    chunks = read(role(), chunk({"role": "assistant", "content": "a"}), chunk(finish="stop"), DONE)
    assert [delta.get("role") for delta in deltas(chunks)] == ["assistant", None, None]


def test_each_choice_has_its_own_role() -> None:
    """n = 2."""
    parts = [chunk({"content": "a"}, "stop"), chunk({"content": "b"}, "stop", index=1)]
    assert [delta["role"] for delta in deltas(read(*parts, DONE))] == ["assistant", "assistant"]


def test_chunks_before_the_first_choice_are_merged_into_it() -> None:
    """Azure's prompt annotations come first, without id, object or model."""
    annotations = [{"prompt_index": 0}]
    empty = {"id": "", "object": "", "created": 0, "model": ""}
    prefix = event({"choices": [], **empty, "prompt_filter_results": annotations})
    chunks = strict(read(prefix, role(), chunk(finish="stop"), DONE))
    assert chunks[0]["prompt_filter_results"] == annotations
    assert [part["id"] for part in chunks] == ["chatcmpl-up"] * 2


def test_chunks_without_choices_later_pass() -> None:
    """OpenAI's moderation, Azure's checkpoints."""
    late = event({**HEAD, "choices": [], "latency_checkpoint": {"x": 1}})
    assert read(role(), chunk(finish="stop"), late, DONE)[-1]["latency_checkpoint"] == {"x": 1}


def test_thinking_parts_become_reasoning_and_text() -> None:
    """Mistral's magistral models."""
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}
    parts = [chunk({"content": [thought]}), chunk({"content": [{"type": "text", "text": "yes"}]}, "stop")]
    first, second = deltas(strict(read(role(), *parts, DONE)))[1:]
    assert (first["reasoning_content"], first["content"], second["content"]) == ("hm", None, "yes")


def test_both_spellings_of_reasoning_are_there() -> None:
    """`reasoning` gains `reasoning_content`."""
    delta = deltas(read(role(), chunk({"reasoning": "hm"}), chunk(finish="stop"), DONE))[1]
    assert (delta["reasoning"], delta["reasoning_content"]) == ("hm", "hm")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("eos", "stop"),
        ("end_turn", "stop"),
        ("max_tokens", "length"),
        ("tool-calls", "tool_calls"),
        ("STOP", "stop"),
    ],
)
def test_finish_reasons_are_openais(word: str, meant: str) -> None:
    """Strict clients refuse any other word."""
    assert finishes(strict(read(role(), chunk({"content": "a"}, word), DONE))) == [meant]


def test_an_empty_finish_reason_is_none() -> None:
    """It must not end a stream before its end."""
    assert finishes(read(role(), chunk({"content": "a"}, ""), chunk(finish="stop"), DONE)) == ["stop"]


def test_a_finish_reason_is_said_once() -> None:
    """Some repeat it beside the usage."""
    chunks = read(
        role(), chunk({"content": "a"}, "stop"), chunk({"content": ""}, "stop"), usage_chunk(), DONE
    )
    assert finishes(chunks) == ["stop"]


def test_a_whole_message_instead_of_deltas_is_taken_once() -> None:
    """Servers that forgot to stream."""
    choice = {"index": 0, "message": {"role": "assistant", "content": "all"}, "finish_reason": "stop"}
    whole = event({**HEAD, "object": "chat.completion", "choices": [choice]})
    assert [delta.get("content") for delta in deltas(strict(read(whole, DONE)))] == ["all"]


def test_a_call_without_index_and_type() -> None:
    """Mistral."""
    chunks = read(role(), call(id="a", function={"name": "f", "arguments": "{}"}), chunk(finish="tool_calls"))
    assert calls(strict(chunks)) == [("a", "f", "{}")]


def test_a_call_without_id_gets_one() -> None:
    """Clients must name it in their tool result."""
    chunks = read(
        role(), call(index=0, function={"name": "f", "arguments": "{}"}), chunk(finish="tool_calls")
    )
    assert calls(chunks) == [("call_chatcmpl-up_0_0", "f", "{}")]


def test_arguments_as_an_object_become_text() -> None:
    """Ollama's drift."""
    chunks = read(role(), call(id="a", function={"name": "f", "arguments": {"x": "é"}}), chunk(finish="stop"))
    assert json.loads(calls(chunks)[0][2]) == {"x": "é"}


def test_a_repeated_id_and_name_are_left_out() -> None:
    """Clients would call `ff`."""
    first = {"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": ""}}
    rest = {**first, "function": {"name": "f", "arguments": "{}"}}
    assert calls(read(role(), call(**first), call(**rest), chunk(finish="tool_calls"))) == [("a", "f", "{}")]


def test_calls_that_share_an_index_are_told_apart_by_id() -> None:
    """Servers that number every call 0."""
    parts = [
        call(index=0, id=name, type="function", function={"name": "f", "arguments": "["}) for name in "ab"
    ]
    closing = call(index=0, function={"arguments": "]"})
    chunks = read(role(), parts[0], closing, parts[1], closing, chunk(finish="tool_calls"))
    assert calls(chunks) == [("a", "f", "[]"), ("b", "f", "[]")]


def test_calls_are_numbered_from_zero_without_a_gap() -> None:
    """Clients keep them in a list; fragments follow their call."""
    parts = [
        call(index=n, id=f"c{n}", type="function", function={"name": "f", "arguments": ""}) for n in (1, 2)
    ]
    rest = [call(index=n, function={"arguments": str(n)}) for n in (1, 2)]
    chunks = read(role(), *parts, *rest, chunk(finish="tool_calls"))
    assert calls(chunks) == [("c1", "f", "1"), ("c2", "f", "2")]


def test_calls_without_any_number_follow_each_other() -> None:
    """A fragment without index and id belongs to the last call."""
    parts = [call(id=name, function={"name": "f", "arguments": "["}) for name in "ab"]
    rest = call(function={"arguments": "]"})
    chunks = read(role(), parts[0], rest, parts[1], rest, chunk(finish="tool_calls"))
    assert calls(chunks) == [("a", "f", "[]"), ("b", "f", "[]")]


def test_text_and_a_call_in_one_chunk_both_arrive() -> None:
    """Neither hides the other."""
    fragment = {"id": "a", "function": {"name": "f", "arguments": "{}"}}
    chunks = read(chunk({"content": "t", "tool_calls": [fragment]}, "tool_calls"), DONE)
    assert (deltas(chunks)[0]["content"], calls(chunks)) == ("t", [("a", "f", "{}")])


def test_old_log_probabilities_are_left_out() -> None:
    """The completions API's shape fits no chat client."""
    bent = event(
        {**HEAD, "choices": [{"index": 0, "delta": {"content": "a"}, "logprobs": {"tokens": ["a"]}}]}
    )
    assert strict(read(role(), bent, chunk(finish="stop")))[1]["choices"][0]["logprobs"] is None


def test_log_probabilities_lacking_members_are_completed() -> None:
    """`bytes` and `top_logprobs` are in OpenAI's schema."""
    token = {"token": "a", "logprob": -1}
    choice = {"index": 0, "delta": {"content": "a"}, "logprobs": {"content": [token]}}
    found = strict(read(role(), event({**HEAD, "choices": [choice]}), chunk(finish="stop")))[1]["choices"][0]
    assert found["logprobs"]["content"] == [{**token, "bytes": None, "top_logprobs": []}]


def test_foreign_service_tiers_are_none() -> None:
    """Groq's `on_demand` is not in OpenAI's schema."""
    assert strict(read(role(), chunk(finish="stop", service_tier="on_demand")))[1]["service_tier"] is None


def test_half_a_surrogate_pair_arrives() -> None:
    """Some servers cut an emoji in two."""
    high = b'data: {"choices":[{"index":0,"delta":{"content":"\\ud83d"}}]}\n\n'
    assert deltas(read(role(), high, chunk(finish="stop")))[1]["content"] == "\ud83d"


def test_pings_are_nothing() -> None:
    """Objects that say nothing do not reach the client."""
    assert (
        len(read(role(), b"data: {}\n\n", b'event: ping\ndata: {"type":"ping"}\n\n', chunk(finish="stop")))
        == 2
    )


def test_several_chunks_in_one_event_are_read() -> None:
    """Servers that end lines once where the standard wants an empty line."""
    lines = b"".join(part[:-1] for part in (role(), chunk({"content": "a"}), chunk(finish="stop"), DONE))
    assert finishes(read(lines)) == ["stop"]


def test_json_lines_are_read() -> None:
    """No `data:` at all."""
    lines = b"".join(part.removeprefix(b"data: ")[:-1] for part in (role(), chunk({"content": "a"}, "stop")))
    assert [delta.get("content") for delta in deltas(read(lines))] == ["", "a"]
    assert finishes(read(lines[:50], lines[50:-1])) == ["stop"]


def test_usage_without_a_total_is_completed() -> None:
    """Counts as fractions become whole; nothing is invented."""
    bent = event({**HEAD, "choices": [], "usage": {"prompt_tokens": 3.0, "completion_tokens": 2}})
    chunks = strict(read(role(), chunk(finish="stop"), bent, DONE, include_usage=True))
    assert chunks[-1]["usage"] == {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
