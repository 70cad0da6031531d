"""Any bytes, cut anywhere: an answer, an end or a failure, and nothing else."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from llm_gateway.adapters.dialects.openai_chat.answer import read_answer
from llm_gateway.application.ports.dialect import AnswerContext
from llm_gateway.domain.errors import UpstreamError
from tests.samples.openai_chunks import DONE, HEAD, USAGE, call, chunk, event, reader, role, usage_chunk

_NAMES = [
    *HEAD,
    "choices",
    "usage",
    "error",
    "delta",
    "message",
    "index",
    "finish_reason",
    "content",
    "tool_calls",
]
_NAMES += [
    "function",
    "name",
    "arguments",
    "role",
    "logprobs",
    "top_logprobs",
    "token",
    "logprob",
    "x_groq",
    "text",
]
_NAMES += ["reasoning", "type", "prompt_tokens", "completion_tokens", "prompt_tokens_details", "service_tier"]


def _members(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(_NAMES), values, max_size=5)


_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(),
    st.sampled_from(["", "a", "stop", "assistant", "\ud83d"]),
)
_ANY = st.recursive(
    _SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=2), _members(inner)), max_leaves=6
)
_FUNCTION = st.fixed_dictionaries({}, optional={"name": _ANY, "arguments": _ANY})
_CALL = st.fixed_dictionaries(
    {}, optional={"index": _ANY, "id": _ANY, "type": _ANY, "function": _FUNCTION | _ANY}
)
_DELTA = st.fixed_dictionaries(
    {}, optional={"role": _ANY, "content": _ANY, "tool_calls": st.lists(_CALL | _ANY, max_size=2) | _ANY}
)
_CHOICE = st.fixed_dictionaries(
    {},
    optional={
        "index": _ANY,
        "delta": _DELTA | _ANY,
        "message": _DELTA,
        "finish_reason": _ANY,
        "logprobs": _ANY,
    },
)
_CHUNK = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(HEAD, _ANY),
        "choices": st.lists(_CHOICE, max_size=2),
        "usage": _ANY | st.just(USAGE),
    },
)
_EVENTS = st.one_of(
    (_CHUNK | _ANY).map(event),
    st.sampled_from(
        [DONE, b": ping\n\n", b"event: error\ndata: {}\n\n", b"\r\n", b"data: {\n\n", b"{\n", b"\xff\n\n"]
    ),
    st.binary(max_size=20),
)


@given(st.lists(_EVENTS, max_size=6), st.lists(st.integers(0, 400), max_size=4), st.booleans())
def test_a_stream_ends_in_an_end_or_a_failure(events: list[bytes], cuts: list[int], asked: bool) -> None:
    """[DONE] comes out if and only if the stream finished, and then last."""
    stream = reader(include_usage=asked)
    body = b"".join(events)
    at = sorted({0, len(body), *(cut for cut in cuts if cut < len(body))})
    out = b"".join(stream.feed(body[start:end]) for start, end in pairwise(at)) + stream.close()
    assert stream.finished is (stream.failure is None)
    assert out.endswith(DONE) is stream.finished
    assert stream.feed(b"data: {}\n\n") == stream.close() == b""
    for part in out.split(b"\n\n")[: -2 if stream.finished else -1]:
        json.loads(part.removeprefix(b"data: "), parse_constant=_no_constant)


_TOOL = {"id": "call-1", "type": "function", "function": {"name": "f", "arguments": ""}}
_GOOD = [
    *(chunk({"content": "a"}), chunk({"content": "b\u2028"}), chunk({"reasoning_content": "c"}), chunk({})),
    *(chunk({"content": "d"}, index=1), role(), role(1), chunk(finish="stop"), chunk(finish="stop", index=1)),
    *(call(index=0, **_TOOL), call(index=0, function={"arguments": "{"}), usage_chunk(), DONE),
]
_ODD = [
    *(chunk({"content": "a"}, **more) for more in ({"id": "other"}, {"created": 0}, {"model": ""})),
    *(chunk({"content": "a"}, **more) for more in ({"error": {"message": "no"}}, {"usage": USAGE})),
    *(chunk({"content": "a"}, x_groq={"usage": USAGE}), chunk({"reasoning": "a"}), event({"choices": []})),
    *(call(index=3, function={"arguments": "x"}), chunk({"content": "a"}).replace(b"\n\n", b"\r\n\r\n")),
    *(b": ping\n\n", b"data: {}\ndata: {}\n\n", b"data: {\n\n", b"data: \xff\n\n"),
    *(b"event: error\ndata: {}\n\n", event({"error": {"message": "no"}})),
]


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from(_GOOD) | st.sampled_from(_GOOD + _ODD), max_size=9),
    st.integers(1, 3),
    st.booleans(),
)
def test_how_a_stream_is_cut_changes_nothing(events: list[bytes], at_once: int, asked: bool) -> None:
    """Whole events, several at once, or byte by byte: the same bytes come out, and the same is known."""
    events = [role(), chunk({"content": "a"}), *events]
    reads = [b"".join(events[start : start + at_once]) for start in range(0, len(events), at_once)]
    fast, slow = reader(include_usage=asked), reader(include_usage=asked)
    out = b"".join(map(fast.feed, reads))
    assert out == b"".join(slow.feed(bytes([byte])) for byte in b"".join(events))
    assert out + fast.close() == out + slow.close()
    for known in ("finished", "committed", "finish_reason", "usage"):
        assert getattr(fast, known) == getattr(slow, known)
    assert str(fast.failure) == str(slow.failure) and type(fast.failure) is type(slow.failure)


@given(st.one_of(st.binary(max_size=40), (_CHUNK | _ANY).map(lambda document: json.dumps(document).encode())))
def test_an_answer_is_read_or_an_upstream_error(body: bytes) -> None:
    """And what is read is JSON."""
    try:
        answer = read_answer(body, AnswerContext(id="c", created=1, model="m"))
    except UpstreamError:
        return
    assert json.loads(answer.body, parse_constant=_no_constant)["choices"]


def _no_constant(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")
