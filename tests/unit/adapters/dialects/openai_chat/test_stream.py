"""OpenAI streams: what passes, what ends, what fails, where usage goes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llm_gateway.domain.errors import (
    UpstreamDisconnected,
    UpstreamMalformed,
    UpstreamRefused,
    UpstreamRejected,
)
from tests.samples.openai_chunks import (
    DONE,
    HEAD,
    USAGE,
    chunk,
    event,
    finishes,
    read,
    reader,
    role,
    usage_chunk,
)


def test_conforming_events_pass_as_the_same_bytes() -> None:
    """Nothing is decoded and encoded again."""
    odd = (
        b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m", "choices" : [{"index":0,'
    )
    events = [odd + b'"delta":{"role":"assistant","content":"\\u00e9"}}],"new_member":1}\n\n', DONE]
    stream = reader()
    first = odd + b'"delta":{},"finish_reason":"stop"}]}\n\n'
    assert stream.feed(events[0]) + stream.feed(first) + stream.feed(DONE) == events[0] + first + DONE


def test_content_commits_and_a_role_alone_does_not() -> None:
    """Until then another target may still be tried."""
    stream = reader()
    stream.feed(role())
    assert not stream.committed
    stream.feed(chunk({"content": "a"}))
    assert stream.committed


@pytest.mark.parametrize(
    "delta",
    [
        {"reasoning": "a"},
        {"reasoning_content": "a"},
        {"refusal": "no"},
        {
            "tool_calls": [
                {"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": ""}}
            ]
        },
        {"audio": {"id": "a"}},
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "a"}]}]},
    ],
)
def test_everything_a_reader_sees_commits(delta: dict[str, Any]) -> None:
    """Not only text."""
    stream = reader()
    stream.feed(chunk({"role": "assistant", **delta}))
    assert stream.committed


def test_done_finishes_after_the_finish_reason() -> None:
    """And what comes after it is not read."""
    stream = reader()
    stream.feed(role() + chunk({"content": "a"}) + chunk(finish="length"))
    assert not stream.finished
    assert stream.feed(DONE + DONE) == DONE
    assert (stream.finished, stream.finish_reason, stream.close()) == (True, "length", b"")


def test_an_end_without_done_is_good_after_all_finish_reasons() -> None:
    """Some upstreams never send it."""
    assert finishes(read(role(), chunk({"content": "a"}, "stop"))) == ["stop"]


def test_a_cut_stream_fails_without_a_made_up_end() -> None:
    """Neither [DONE] nor a finish reason."""
    stream = reader()
    stream.feed(role() + chunk({"content": "a"}))
    assert stream.close() == b""
    assert isinstance(stream.failure, UpstreamDisconnected) and not stream.finished


def test_an_event_cut_in_the_middle_is_a_cut_stream() -> None:
    """Not a malformed one."""
    stream = reader()
    stream.feed(role() + chunk({"content": "a"})[:-20])
    stream.close()
    assert isinstance(stream.failure, UpstreamDisconnected)


def test_done_alone_proves_nothing() -> None:
    """Proxies append it to streams that were cut."""
    stream = reader()
    assert stream.feed(role() + chunk({"content": "a"})).count(b"[DONE]") == 0
    assert stream.feed(DONE) == b""
    assert isinstance(stream.failure, UpstreamDisconnected)


@pytest.mark.parametrize("named", ["stop", "tool_calls"])
def test_usage_and_done_without_a_finish_reason_get_the_natural_one(named: str) -> None:
    """Snowflake and some of OpenRouter's providers end so."""
    call = {"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    delta = {"tool_calls": [call]} if named == "tool_calls" else {"content": "a"}
    assert finishes(read(role(), chunk(delta), usage_chunk(), DONE)) == [named]


def test_every_choice_must_finish() -> None:
    """With n = 2 the end of one is not the end of the stream."""
    stream = reader()
    stream.feed(role() + role(1) + chunk({"content": "a"}, "stop") + chunk({"content": "b"}, index=1))
    stream.close()
    assert isinstance(stream.failure, UpstreamDisconnected)


def test_a_choice_that_begins_late_must_finish_too() -> None:
    """Even after another one ended."""
    stream = reader()
    stream.feed(role() + chunk(finish="stop") + role(1) + chunk({"content": "b"}, index=1) + DONE)
    assert isinstance(stream.failure, UpstreamDisconnected)


def test_usage_is_recorded_and_its_chunk_taken_out_when_not_asked() -> None:
    """The gateway asked for it, not the client."""
    stream = reader()
    out = stream.feed(role() + chunk(finish="stop") + usage_chunk() + DONE)
    assert stream.usage is not None and stream.usage.input_tokens == 3
    assert b"usage" not in out


def test_the_usage_chunk_comes_last_when_asked() -> None:
    """As the same bytes."""
    stream = reader(include_usage=True)
    assert stream.feed(role() + chunk(finish="stop") + usage_chunk() + DONE).endswith(usage_chunk() + DONE)


def test_usage_in_the_last_content_chunk_becomes_a_chunk_of_its_own() -> None:
    """Mistral, DeepSeek, Together report so; clients look for OpenAI's way."""
    chunks = read(role(), chunk({"content": "a"}, "stop", usage=USAGE), DONE, include_usage=True)
    assert [part.get("usage") for part in chunks] == [None, None, USAGE]
    assert chunks[-1]["choices"] == []


def test_usage_so_far_in_every_chunk_is_reported_once() -> None:
    """xAI and Perplexity: a client that adds up would count it many times."""
    grown = {"prompt_tokens": 3, "completion_tokens": 9, "total_tokens": 12}
    parts = [role(), chunk({"content": "a"}, usage=USAGE), chunk({}, "stop", usage=grown), DONE]
    chunks = read(*parts, include_usage=True)
    assert [part["usage"] for part in chunks if part.get("usage")] == [grown]


def test_usage_sent_twice_is_reported_once() -> None:
    """The last report wins."""
    chunks = read(role(), chunk(finish="stop"), usage_chunk(), usage_chunk(), DONE, include_usage=True)
    assert len([part for part in chunks if part.get("usage")]) == 1


def test_groqs_own_place_for_usage_is_read() -> None:
    """`x_groq` of the last chunk."""
    chunks = read(role(), chunk({}, "stop", x_groq={"id": "r", "usage": USAGE}), DONE, include_usage=True)
    assert chunks[-1]["usage"] == USAGE


def test_an_empty_report_does_not_undo_a_count() -> None:
    """Zeroes at the end are a placeholder."""
    stream = reader()
    nothing = usage_chunk(prompt_tokens=0, completion_tokens=0, total_tokens=0)
    stream.feed(role() + chunk(finish="stop") + usage_chunk() + nothing)
    assert stream.usage is not None and stream.usage.output_tokens == 2


def test_cached_and_reasoning_tokens_are_read() -> None:
    """In OpenAI's details and in DeepSeek's own member."""
    stream = reader()
    stream.feed(usage_chunk(prompt_cache_hit_tokens=1, completion_tokens_details={"reasoning_tokens": 2}))
    assert stream.usage is not None
    assert (stream.usage.cached_tokens, stream.usage.reasoning_tokens) == (1, 2)


@pytest.mark.parametrize(
    "frame",
    [
        event({"error": {"message": "busy", "code": 503}}),
        b'event: error\ndata: {"error":{"message":"busy","code":503}}\n\n',
        b'event: error\ndata: {"message":"busy","status":503}\n\n',
        event({"object": "error", "message": "busy", "code": 503}),
        b'{"error":{"message":"busy","code":503}}\n\n',
        chunk({"content": ""}, "error", error={"message": "busy", "code": 503}),
        event(
            {
                **HEAD,
                "choices": [
                    {"index": 0, "finish_reason": "error", "error": {"message": "busy", "code": 503}}
                ],
            }
        ),
        chunk({}, x_groq={"error": {"message": "busy", "code": 503}}),
    ],
)
def test_an_error_frame_is_a_failure_with_its_status(frame: bytes) -> None:
    """Whatever way it is told."""
    stream = reader()
    out = stream.feed(role() + frame + DONE)
    assert isinstance(stream.failure, UpstreamRejected)
    assert (stream.failure.status, stream.failure.message) == (503, "busy")
    assert b"[DONE]" not in out and stream.feed(DONE) == b""


def test_an_error_as_text_is_a_failure() -> None:
    """With the text as its message."""
    stream = reader()
    stream.feed(event({"error": "model crashed"}))
    assert stream.failure is not None and stream.failure.message == "model crashed"


def test_a_refusing_error_keeps_its_code() -> None:
    """Groq: `event: error` after the first delta."""
    stream = reader()
    error = {"message": "Tool choice is required", "code": "tool_use_failed", "status_code": 400}
    stream.feed(role() + b"event: error\ndata: " + json.dumps({"error": error}).encode() + b"\n\n")
    assert isinstance(stream.failure, UpstreamRefused)
    assert (stream.failure.status, stream.failure.code) == (400, "tool_use_failed")


def test_an_answer_broken_off_by_the_provider_is_a_failure() -> None:
    """DeepSeek's `insufficient_system_resource` is no end of an answer."""
    stream = reader()
    stream.feed(role() + chunk({"content": "a"}, "insufficient_system_resource"))
    assert isinstance(stream.failure, UpstreamRejected) and stream.failure.status == 503


@pytest.mark.parametrize("data", [b"data: nonsense\n\n", b"data: [1]\n\n", b'data: {"choices":[1]}\n\n'])
def test_what_is_no_chunk_is_malformed(data: bytes) -> None:
    """Events that were complete before it did come out."""
    stream = reader()
    out = stream.feed(role() + data)
    assert isinstance(stream.failure, UpstreamMalformed)
    assert out == role()


def test_an_endless_event_is_malformed() -> None:
    """Memory per stream is bounded."""
    stream = reader()
    for _ in range(17):
        stream.feed(b"data: " + b"x" * 1024 * 1024)
    assert isinstance(stream.failure, UpstreamMalformed)
