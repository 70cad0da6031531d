"""Messages API streams as hub chunks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_gateway.adapters.dialects.anthropic_messages.stream import AnthropicMessagesStream
from llm_gateway.adapters.dialects.anthropic_messages.structured_output import TOOL_NAME
from llm_gateway.application.ports.dialect import MAX_EVENT_BYTES, AnswerContext
from llm_gateway.domain.errors import UpstreamDisconnected, UpstreamMalformed, UpstreamRejected

DONE = b"data: [DONE]\n\n"


def event(type: str, **fields: Any) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (type.encode(), json.dumps({"type": type, **fields}).encode())


def begin(**message: Any) -> bytes:
    usage = {"input_tokens": 10, "cache_read_input_tokens": 5, "output_tokens": 1}
    return event("message_start", message={"id": "msg_1", "model": "claude-x", "usage": usage, **message})


def block(type: str, index: int = 0, **fields: Any) -> bytes:
    return event("content_block_start", index=index, content_block={"type": type, **fields})


def delta(type: str, index: int = 0, **fields: Any) -> bytes:
    return event("content_block_delta", index=index, delta={"type": type, **fields})


def text(content: str) -> bytes:
    return delta("text_delta", text=content)


def stop(index: int = 0) -> bytes:
    return event("content_block_stop", index=index)


def end(reason: str = "end_turn", **fields: Any) -> bytes:
    changed = event("message_delta", delta={"stop_reason": reason, **fields}, usage={"output_tokens": 9})
    return changed + event("message_stop")


def reader(include_usage: bool = False) -> AnthropicMessagesStream:
    return AnthropicMessagesStream(
        AnswerContext(id="chatcmpl-1", created=17, model="asked-for", include_usage=include_usage)
    )


def deltas(out: bytes) -> list[dict[str, Any]]:
    """The deltas of `out`, without the role and the finish."""
    events = [line for line in out.decode().split("\n\n") if line and line != "data: [DONE]"]
    choices = [choice for line in events for choice in json.loads(line[6:])["choices"]]
    return [choice["delta"] for choice in choices if choice["delta"] and "role" not in choice["delta"]]


def arguments(out: bytes) -> list[str]:
    calls = [call for one in deltas(out) for call in one.get("tool_calls", []) if "id" not in call]
    return [call["function"]["arguments"] for call in calls]


def test_nothing_comes_out_before_the_first_content() -> None:
    """Until then another target may still be tried."""
    stream = reader()
    out = stream.feed(begin() + event("ping") + block("text", text="") + text(""))
    assert (out, stream.committed) == (b"", False)
    assert deltas(stream.feed(text("a"))) == [{"content": "a"}] and stream.committed


def test_the_first_delta_has_the_role_and_all_chunks_one_head() -> None:
    """Strict to OpenAI's schema."""
    out = reader().feed(begin() + block("text", text="") + text("a") + stop() + end())
    chunks = [json.loads(line[6:]) for line in out.decode().split("\n\n")[:-2]]
    assert {(chunk["id"], chunk["model"], chunk["created"]) for chunk in chunks} == {
        ("msg_1", "claude-x", 17)
    }
    assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks] == [None, None, "stop"]


def test_done_comes_only_with_the_end() -> None:
    """message_delta names the reason, message_stop ends."""
    stream = reader()
    changed, stopped = end().split(b"event: message_stop")
    assert stream.feed(begin() + text("a") + changed).count(b"finish_reason") == 2
    assert not stream.finished
    assert stream.feed(b"event: message_stop" + stopped).endswith(DONE) and stream.finished


def test_usage_is_cumulative_and_counted_once() -> None:
    """The last count wins; it is known whether the client asked or not."""
    silent, asking = reader(), reader(include_usage=True)
    body = begin() + text("a") + end()
    assert b'"usage"' not in silent.feed(body)
    chunks = asking.feed(body).decode().split("\n\n")
    last = json.loads(chunks[-3][6:])
    assert (last["choices"], last["usage"]["prompt_tokens"], last["usage"]["completion_tokens"]) == (
        [],
        15,
        9,
    )
    assert silent.usage == asking.usage and silent.usage is not None and silent.usage.output_tokens == 9


def test_usage_is_known_before_the_end() -> None:
    """For the record of a stream that was cut."""
    stream = reader()
    stream.feed(begin() + text("a"))
    assert stream.usage is not None and stream.usage.input_tokens == 15


def test_argument_fragments_pass_as_they_come() -> None:
    """Parallel calls are numbered in their order, whatever their block's index."""
    out = reader().feed(
        begin()
        + block("tool_use", 1, id="a", name="f", input={})
        + delta("input_json_delta", 1, partial_json='{"x": ')
        + delta("input_json_delta", 1, partial_json="1.0}")
        + stop(1)
        + block("tool_use", 4, id="b", name="g", input={})
        + stop(4)
        + end("tool_use")
    )
    calls = [call for one in deltas(out) for call in one["tool_calls"]]
    assert [(call["index"], call.get("id")) for call in calls] == [
        (0, "a"),
        (0, None),
        (0, None),
        (1, "b"),
        (1, None),
    ]
    assert arguments(out) == ['{"x": ', "1.0}", "{}"]


def test_input_that_comes_whole_is_not_lost() -> None:
    """Programmatic tool calls start with their input, or the whole message does."""
    call = {"type": "tool_use", "id": "a", "name": "f", "input": {"x": 1}}
    started = reader().feed(
        begin() + event("content_block_start", index=0, content_block=call) + stop() + end()
    )
    resumed = reader().feed(begin(content=[call], stop_reason="tool_use") + event("message_stop"))
    assert [json.loads(one) for one in arguments(started) + arguments(resumed)] == [{"x": 1}, {"x": 1}]
    assert b'"finish_reason":"tool_calls"' in resumed


def test_thinking_carries_text_and_signature() -> None:
    """In both conventions; the items of one thought share their index."""
    out = reader().feed(
        begin()
        + block("thinking", thinking="", signature="")
        + delta("thinking_delta", thinking="hm")
        + delta("signature_delta", signature="s")
        + stop()
        + block("redacted_thinking", 1, data="d")
        + end()
    )
    first, signed, redacted = deltas(out)
    assert first["reasoning_content"] == first["reasoning_details"][0]["text"] == "hm"
    assert "reasoning_content" not in signed and signed["reasoning_details"][0]["signature"] == "s"
    assert [one["reasoning_details"][0]["index"] for one in (first, signed, redacted)] == [0, 0, 1]


def test_citations_are_annotations_of_their_text() -> None:
    """Sent when the block ends, because only then its span is known."""
    page = {"type": "web_search_result_location", "url": "https://a.b", "title": "T"}
    cited = delta("citations_delta", citation=page)
    out = reader().feed(begin() + text("ab") + block("text", text="") + cited + text("cd") + stop() + end())
    (note,) = deltas(out)[-1]["annotations"]
    assert (note["url_citation"]["start_index"], note["url_citation"]["end_index"]) == (2, 4)


def test_blocks_that_are_the_providers_own_affair_are_passed_over() -> None:
    """Server tools say nothing to the client; unknown blocks and deltas keep their text."""
    out = reader().feed(
        begin()
        + block("server_tool_use", 0, id="s", name="web_search", input={})
        + delta("input_json_delta", 0, partial_json='{"query":"x"}')
        + stop(0)
        + block("web_search_tool_result", 1, tool_use_id="s", content=[])
        + block("of the future", 2, text="a")
        + delta("future_delta", 2, text="b")
        + event("future_event")
        + end("pause_turn")
    )
    assert deltas(out) == [{"content": "a"}, {"content": "b"}]


def test_a_compaction_is_a_summary() -> None:
    """Not content, but not lost."""
    start = block("compaction", content=None)
    out = reader().feed(begin() + start + delta("compaction_delta", content="so far") + end())
    assert deltas(out)[0]["reasoning_details"][0]["summary"] == "so far"


def test_a_refusal_is_explained_before_the_finish() -> None:
    """As delta.refusal."""
    details = {"type": "refusal", "explanation": "No."}
    out = reader().feed(begin() + end("refusal", stop_details=details))
    assert deltas(out) == [{"refusal": "No."}] and b'"finish_reason":"content_filter"' in out


def test_emulated_structured_output_is_content() -> None:
    """The tool's input is the answer."""
    out = reader().feed(
        begin()
        + block("tool_use", id="t", name=TOOL_NAME, input={})
        + delta("input_json_delta", partial_json='{"a":1}')
        + stop()
        + end("tool_use")
    )
    assert deltas(out) == [{"content": '{"a":1}'}] and b'"finish_reason":"stop"' in out


def test_an_answer_without_content_still_ends_properly() -> None:
    """Role, finish reason, [DONE]."""
    stream = reader()
    out = stream.feed(begin() + end("max_tokens"))
    assert b'"role":"assistant"' in out and out.endswith(DONE)
    assert stream.committed and stream.finish_reason == "length"


def test_separators_of_other_scripts_are_not_line_ends() -> None:
    """U+2028, U+2029 and U+0085 arrive whole, escaped or not."""
    raw = "a\u2028b\u2029c\u0085d"
    written = json.dumps({"type": "text_delta", "text": raw}, ensure_ascii=False)
    data = f'data: {{"type":"content_block_delta","index":0,"delta":{written}}}\n\n'
    assert deltas(reader().feed(begin() + data.encode() + text(raw))) == [{"content": raw}] * 2


def test_an_error_event_is_the_failure() -> None:
    """What was complete before it did come out; nothing comes after."""
    stream = reader()
    error = event("error", error={"type": "overloaded_error", "message": "busy"})
    assert deltas(stream.feed(begin() + text("a") + error + text("b"))) == [{"content": "a"}]
    assert isinstance(stream.failure, UpstreamRejected) and stream.failure.status == 529
    assert stream.feed(end()) == stream.close() == b"" and not stream.finished


@pytest.mark.parametrize("data", [b"nonsense", b"[1]", b'{"type":"content_block_start","index":0}', b"\xff"])
def test_an_event_of_another_protocol_is_the_failure(data: bytes) -> None:
    """Set, never raised."""
    stream = reader()
    assert deltas(stream.feed(begin() + text("a") + b"data: " + data + b"\n\n")) == [{"content": "a"}]
    assert isinstance(stream.failure, UpstreamMalformed)


def test_a_stream_that_ends_early_is_cut() -> None:
    """Even when its last event is torn, and even when the reason was named already."""
    for rest in (b"", text("b")[:-9], end().split(b"event: message_stop")[0]):
        stream = reader()
        stream.feed(begin() + text("a") + rest)
        assert DONE not in stream.close()
        assert isinstance(stream.failure, UpstreamDisconnected) and not stream.finished


def test_a_missing_last_blank_line_is_no_cut() -> None:
    """The end was said."""
    stream = reader()
    stream.feed((begin() + text("a") + end()).rstrip(b"\n"))
    assert stream.close().endswith(DONE) and stream.failure is None


def test_a_repeated_first_event_is_passed_over() -> None:
    """Some proxies send it twice; a second message inside the first is something else."""
    stream = reader()
    assert deltas(stream.feed(begin() + begin() + text("a"))) == [{"content": "a"}]
    stream.feed(begin(id="msg_2"))
    assert isinstance(stream.failure, UpstreamMalformed)


def test_null_members_say_nothing() -> None:
    """Some providers behind this wire format write every member."""
    stream = reader()
    noise = event("content_block_start", index=0, content_block={"type": "text", "text": None}, error=None)
    assert deltas(stream.feed(begin() + noise + event("of the future", error=None) + text("a"))) == [
        {"content": "a"}
    ]
    assert stream.failure is None


def test_an_event_without_end_is_the_failure() -> None:
    """Memory stays bounded."""
    stream = reader()
    stream.feed(b"data: " + b"x" * (MAX_EVENT_BYTES + 1))
    assert isinstance(stream.failure, UpstreamMalformed)


_WHOLE = (
    begin()
    + block("thinking", thinking="", signature="")
    + delta("thinking_delta", thinking="hmm")
    + stop()
    + block("text", 1, text="")
    + delta("text_delta", 1, text="Grüße \u2028 🎲")
    + stop(1)
    + block("tool_use", 2, id="a", name="f", input={})
    + delta("input_json_delta", 2, partial_json='{"x":1}')
    + stop(2)
    + end("tool_use")
)


@settings(max_examples=150, deadline=None)
@given(cut=st.integers(0, len(_WHOLE)), pieces=st.lists(st.integers(1, 200), max_size=5))
def test_a_cut_is_never_a_success(cut: int, pieces: list[int]) -> None:
    """Cut anywhere and split anywhere: finished exactly when the end was said."""
    stream, rest = reader(), _WHOLE[:cut]
    for size in pieces:
        stream.feed(rest[:size])
        rest = rest[size:]
    stream.feed(rest)
    stream.close()
    assert stream.finished is (b'{"type": "message_stop"}' in _WHOLE[:cut])
    assert stream.finished is (stream.failure is None)


_EVENTS = st.sampled_from(
    [begin(), text("a"), stop(), end(), event("ping"), block("text"), b"data: {}\n\n", b"\r"]
)


@settings(max_examples=200, deadline=None)
@given(pieces=st.lists(st.binary(max_size=30) | _EVENTS, max_size=8))
def test_no_bytes_crash_the_reader(pieces: list[bytes]) -> None:
    """Either finished or failed, and [DONE] only when finished."""
    stream = reader()
    out = b"".join(map(stream.feed, pieces)) + stream.close()
    assert stream.finished is (stream.failure is None) is out.endswith(DONE)
