"""Streams."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from llm_gateway.adapters.dialects.google_generate_content import GoogleGenerateContent
from llm_gateway.application.ports.dialect import AnswerContext, StreamReader
from llm_gateway.domain.errors import UpstreamDisconnected, UpstreamMalformed, UpstreamRejected
from llm_gateway.domain.usage import Usage

_STOP = {"finishReason": "STOP"}
_USAGE = {"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5}


def _reader(*, include_usage: bool = False) -> StreamReader:
    context = AnswerContext(id="chatcmpl-1", created=7, model="asked-for", include_usage=include_usage)
    return GoogleGenerateContent().stream(context)


def _event(*parts: Any, usage: Any = None, **candidate: Any) -> bytes:
    document: dict[str, Any] = {"candidates": [{"content": {"parts": list(parts)}, "index": 0, **candidate}]}
    if usage is not None:
        document["usageMetadata"] = usage
    return b"data: " + json.dumps(document).encode() + b"\r\n\r\n"


def _chunks(out: bytes) -> list[Any]:
    events = out.decode().split("\n\n")[:-1]
    return [json.loads(event.removeprefix("data: ")) for event in events if event != "data: [DONE]"]


def _deltas(*events: bytes) -> list[Any]:
    reader = _reader()
    out = b"".join(map(reader.feed, events)) + reader.close()
    assert reader.failure is None
    return [chunk["choices"][0]["delta"] for chunk in _chunks(out)]


def test_a_text_streams_event_by_event() -> None:
    """The role once, the finish once, [DONE] when the upstream has ended."""
    reader = _reader()
    first, second = reader.feed(_event({"text": "a"})), reader.feed(_event({"text": "b"}, **_STOP))
    assert _chunks(first)[0]["choices"][0]["delta"] == {"role": "assistant", "content": "a"}
    assert _chunks(second)[0]["choices"][0]["delta"] == {"content": "b"}
    end = reader.close()
    assert end.endswith(b"data: [DONE]\n\n")
    assert [chunk["choices"][0]["finish_reason"] for chunk in _chunks(end)] == ["stop"]


def test_it_commits_with_the_first_content() -> None:
    """An event without content commits to nothing."""
    reader = _reader()
    reader.feed(_event({"text": ""}, usage=_USAGE))
    assert not reader.committed
    reader.feed(_event({"text": "a"}))
    assert reader.committed and not reader.finished


def test_usage_is_the_last_that_was_said() -> None:
    """Repeated counts are not added up; what comes after the finish reason counts."""
    reader = _reader(include_usage=True)
    out = reader.feed(_event({"text": "a"}, usage={**_USAGE, "candidatesTokenCount": 1}))
    out += reader.feed(_event({"text": "b"}, **_STOP)) + reader.feed(_event(usage=_USAGE)) + reader.close()
    *others, last = _chunks(out)
    assert reader.usage == Usage(input_tokens=3, output_tokens=2)
    assert (last["choices"], last["usage"]["total_tokens"]) == ([], 5)
    assert all(chunk["usage"] is None for chunk in others)


def test_no_usage_chunk_unless_asked_for() -> None:
    """Recorded all the same."""
    reader = _reader()
    out = reader.feed(_event({"text": "a"}, usage=_USAGE, **_STOP)) + reader.close()
    assert b"usage" not in out and reader.usage is not None


def test_text_and_call_in_one_event_both_arrive() -> None:
    """And the finish is tool_calls, whatever Google calls it."""
    reader = _reader()
    call = {"functionCall": {"name": "f", "args": {"x": 1}, "id": "c1"}}
    chunks = _chunks(reader.feed(_event({"text": "Calling."}, call, **_STOP)) + reader.close())
    delta = chunks[0]["choices"][0]["delta"]
    function = {"name": "f", "arguments": '{"x":1}'}
    assert delta["content"] == "Calling."
    assert delta["tool_calls"] == [{"index": 0, "id": "c1", "type": "function", "function": function}]
    assert (chunks[1]["choices"][0]["finish_reason"], reader.finish_reason) == ("tool_calls", "tool_calls")


def test_streamed_arguments_arrive_whole() -> None:
    """A call that is open when the stream ends still gives what it has."""
    piece = {"functionCall": {"partialArgs": [{"jsonPath": "$.x", "stringValue": "a"}], "willContinue": True}}
    deltas = _deltas(
        _event({"functionCall": {"name": "f", "willContinue": True}}), _event(piece), _event(**_STOP)
    )
    calls = [call for delta in deltas for call in delta.get("tool_calls", [])]
    assert [call["function"]["arguments"] for call in calls] == ["", '{"x":"a"}']


def test_thoughts_stream_apart_from_text() -> None:
    """Fragments of one thought share an index; the signature of the text follows it."""
    deltas = _deltas(
        _event({"text": "Hm", "thought": True}),
        _event({"text": "m.", "thought": True}),
        _event({"text": "42"}),
        _event({"text": "", "thoughtSignature": "c2ln"}, **_STOP),
    )
    details = [detail for delta in deltas for detail in delta.get("reasoning_details", [])]
    assert [delta["reasoning_content"] for delta in deltas[:2]] == ["Hm", "m."]
    assert [(d["type"], d["index"], d.get("data")) for d in details] == [
        ("reasoning.text", 0, None),
        ("reasoning.text", 0, None),
        ("reasoning.encrypted", 1, "c2ln"),
    ]


def test_old_streams_that_finish_with_every_event_finish_once() -> None:
    """The last reason counts."""
    reader = _reader()
    out = reader.feed(_event({"text": "a"}, **_STOP)) + reader.feed(
        _event({"text": "b"}, finishReason="RECITATION")
    )
    out += reader.close()
    finishes = [chunk["choices"][0]["finish_reason"] for chunk in _chunks(out)]
    assert finishes == [None, None, "content_filter"]


def test_several_candidates_finish_each() -> None:
    """Not finished before all are."""
    reader = _reader()
    out = reader.feed(_event({"text": "a"}, **_STOP) + _event({"text": "b"}, index=1))
    assert not reader.finished
    out += reader.feed(_event(index=1, finishReason="MAX_TOKENS")) + reader.close()
    choices = [chunk["choices"][0] for chunk in _chunks(out)]
    finishes = [(choice["index"], choice["finish_reason"]) for choice in choices if choice["finish_reason"]]
    assert finishes == [(0, "stop"), (1, "length")]


def test_a_blocked_prompt_refuses() -> None:
    """It is the terminal event, and all there is."""
    reader = _reader()
    out = reader.feed(b'data: {"promptFeedback":{"blockReason":"OTHER","blockReasonMessage":"No."}}\n\n')
    assert reader.committed and reader.finished
    delta, finish = (chunk["choices"][0] for chunk in _chunks(out + reader.close()))
    assert (delta["delta"]["refusal"], finish["finish_reason"]) == ("No.", "content_filter")


def test_a_cut_stream_fails_without_done() -> None:
    """What was complete before came out; no end is made up."""
    reader = _reader()
    out = reader.feed(_event({"text": "a"}) + b'data: {"candi')
    assert len(_chunks(out)) == 1
    assert reader.close() == b""
    assert isinstance(reader.failure, UpstreamMalformed) and not reader.finished


def test_an_end_without_a_finish_reason_fails() -> None:
    """A clean end of bytes is not the end of an answer."""
    reader = _reader()
    reader.feed(_event({"text": "a"}))
    assert reader.close() == b"" and isinstance(reader.failure, UpstreamDisconnected)


def test_an_error_after_the_finish_takes_it_back() -> None:
    """Google writes it bare, outside of any event."""
    reader = _reader()
    reader.feed(_event({"text": "a"}, **_STOP))
    assert reader.finished
    reader.feed(b'{"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}')
    assert isinstance(reader.failure, UpstreamRejected) and not reader.finished
    assert (reader.failure.status, reader.failure.code, reader.close()) == (503, "overloaded", b"")


def test_line_separators_in_text_arrive() -> None:
    """U+2028 and its like end no line of an event."""
    text = "a\u2028b\u0085c\x0bd"
    assert _deltas(_event({"text": text}, **_STOP))[0]["content"] == text


def test_grounding_comes_as_annotations() -> None:
    """With the last event, its offsets over the whole text."""
    grounding = {
        "groundingChunks": [{"web": {"uri": "https://x.test", "title": "X"}}],
        "groundingSupports": [{"segment": {"startIndex": 1, "endIndex": 3}, "groundingChunkIndices": [0]}],
    }
    deltas = _deltas(_event({"text": "ab"}), _event({"text": "cd"}, groundingMetadata=grounding, **_STOP))
    citation = {"start_index": 1, "end_index": 3, "url": "https://x.test", "title": "X"}
    assert deltas[1]["annotations"] == [{"type": "url_citation", "url_citation": citation}]


def test_openais_end_marker_in_googles_format_is_passed_over() -> None:
    """Some proxies add it."""
    assert _deltas(_event({"text": "a"}, **_STOP), b"data: [DONE]\n\n")[0]["content"] == "a"


_WIRE = (
    _event({"text": "Hé\u2028", "thought": True, "thoughtSignature": "c2ln"}, usage=_USAGE)
    + _event({"text": "x"}, {"functionCall": {"name": "f", "args": {"a": [1, {"b": "}"}]}}})
    + _event({"functionCall": {"name": "g", "partialArgs": [{"jsonPath": "$.a[0]", "stringValue": "q"}]}})
    + _event({"inlineData": {"mimeType": "image/png", "data": "QUJD"}}, usage=_USAGE, **_STOP)
)


@settings(max_examples=300, deadline=None)
@given(
    cuts=st.lists(st.integers(0, len(_WIRE)), max_size=4),
    end=st.integers(0, len(_WIRE)),
    noise=st.binary(max_size=6),
    at=st.integers(0, len(_WIRE)),
)
def test_any_bytes_end_finished_or_failed(cuts: list[int], end: int, noise: bytes, at: int) -> None:
    """Never an exception, never both, and [DONE] exactly when finished."""
    wire = (_WIRE[:at] + noise + _WIRE[at:])[: end + len(noise)]
    edges = sorted({0, len(wire), *(cut for cut in cuts if cut < len(wire))})
    reader = _reader(include_usage=True)
    out = b"".join(reader.feed(wire[a:b]) for a, b in pairwise(edges)) + reader.close()
    assert reader.finished is (reader.failure is None)
    assert out.endswith(b"data: [DONE]\n\n") is reader.finished
    assert all(chunk["object"] == "chat.completion.chunk" for chunk in _chunks(out))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.binary(max_size=40) | st.sampled_from([b"data: ", b"\n\n", b"[", b"{", b"}", b'"']), max_size=12
    )
)
def test_noise_is_a_failure(pieces: list[bytes]) -> None:
    """Bytes that are no answer at all."""
    reader = _reader()
    out = b"".join(map(reader.feed, pieces)) + reader.close()
    assert (out, reader.finished) == (b"", False) and reader.failure is not None
