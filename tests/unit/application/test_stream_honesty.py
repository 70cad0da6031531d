"""Whatever an upstream sends: the client sees a complete answer, or an error without [DONE]; nothing else."""

from __future__ import annotations

import asyncio
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llm_gateway.application.chat_failed import ChatFailed
from tests.fakes.upstream_transport import ScriptedAnswer
from tests.samples.chat_scene import DONE, EVENT_STREAM, WHOLE, ChatScene, chunk

Ending = Literal["complete", "cut", "garbage"]


def event(data: bytes, name: bytes = b"") -> bytes:
    return (b"event: %b\n" % name if name else b"") + b"data: %b\n\n" % data


USAGE = event(
    b'{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[],'
    b'"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}'
)
ERROR = event(b'{"error":{"message":"overloaded","type":"server_error","code":"overloaded"}}')
ODD = (b": comment\n\n", b"data: {\n\n", b"data: []\n\n", b"\xff\xfe\n\n", b"\r\r\n", event(b"null"), ERROR)
SAMPLES: dict[str, tuple[bytes, ...]] = {
    "openai.chat": (*WHOLE[:3], USAGE, DONE),
    "anthropic.messages": (
        event(
            b'{"type":"message_start","message":{"id":"a","type":"message","role":"assistant","model":"m",'
            b'"content":[],"stop_reason":null,"usage":{"input_tokens":3,"output_tokens":1}}}',
            b"message_start",
        ),
        event(
            b'{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
            b"content_block_start",
        ),
        event(
            b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"lorem"}}',
            b"content_block_delta",
        ),
        event(b'{"type":"content_block_stop","index":0}', b"content_block_stop"),
        event(
            b'{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}',
            b"message_delta",
        ),
        event(b'{"type":"message_stop"}', b"message_stop"),
    ),
    "google.generate_content": (
        event(b'{"candidates":[{"content":{"role":"model","parts":[{"text":"lorem"}]},"index":0}]}'),
        event(
            b'{"candidates":[{"content":{"role":"model","parts":[{"text":" ipsum"}]},"finishReason":"STOP",'
            b'"index":0}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"totalTokenCount":5}}'
        ),
    ),
}


@st.composite
def upstream_bytes(draw: st.DrawFn, sample: tuple[bytes, ...]) -> tuple[list[bytes], Ending]:
    """A whole stream, or one with events lost, repeated, moved or foreign; cut anywhere, in any pieces."""
    if draw(st.booleans()):
        data = b"".join(sample)
    else:
        data = b"".join(draw(st.lists(st.sampled_from([*sample, *ODD]), max_size=8)))
    data = data[: draw(st.one_of(st.just(len(data)), st.integers(0, len(data))))]
    cuts = sorted(draw(st.sets(st.integers(0, len(data)), max_size=6)))
    pieces = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    return pieces, draw(st.sampled_from(["complete", "cut", "garbage"]))


async def played(dialect: str, pieces: list[bytes], ending: Ending) -> ChatScene | None:
    """None when the request failed with nothing sent."""
    answer = ScriptedAnswer(headers=EVENT_STREAM, chunks=pieces, ending=ending)
    scene = ChatScene(answer, providers=("one",), dialect=dialect)
    try:
        await scene.ask(stream=True)
    except ChatFailed:
        assert not scene.channel.begun
        scene = None  # type: ignore[assignment]
    return scene


@pytest.mark.parametrize("dialect", SAMPLES)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_complete_or_an_honest_error(dialect: str, data: st.DataObject) -> None:
    """For any bytes, any cuts and any end of the connection."""
    pieces, ending = data.draw(upstream_bytes(SAMPLES[dialect]))
    scene = asyncio.run(played(dialect, pieces, ending))
    if scene is None:
        return
    view = scene.channel.view()
    payloads = view.payloads()
    done, errors = payloads.count("[DONE]"), sum('{"error":' in payload for payload in payloads)
    if view.complete:
        assert (done, errors, payloads[-1]) == (1, 0, "[DONE]") and not scene.channel.closed
        assert scene.observer.records[0].status == "200"
    else:
        assert (done, errors) == (0, 1) and '{"error":' in payloads[-1] and scene.channel.closed
        assert view.error()["code"] == "stream_truncated"
        assert scene.observer.records[0].status == "truncated"


@pytest.mark.parametrize("dialect", SAMPLES)
def test_a_whole_stream_is_one(dialect: str) -> None:
    """So that the property above is not met by failing always."""
    scene = asyncio.run(played(dialect, list(SAMPLES[dialect]), "complete"))
    assert scene is not None and scene.channel.view().ending() == "answer"


@pytest.mark.parametrize("dialect", SAMPLES)
def test_a_stream_cut_at_any_byte_is_none(dialect: str) -> None:
    """Every prefix of a stream without its terminal events: never a [DONE]."""
    whole = b"".join(SAMPLES[dialect][:2] if dialect == "openai.chat" else SAMPLES[dialect][:-1])
    for length in range(0, len(whole), 7):
        scene = asyncio.run(played(dialect, [whole[:length]], "cut"))
        assert scene is None or scene.channel.view().ending() == "truncated"


def test_content_that_looks_like_an_end_is_content() -> None:
    """A text that holds [DONE] does not end the stream."""
    words = (chunk("lorem"), chunk("data: [DONE]"), *WHOLE[2:])
    scene = asyncio.run(played("openai.chat", list(words), "complete"))
    assert scene is not None and "data: [DONE]" in scene.channel.view().payloads()[1]


def test_content_and_a_failure_in_one_read_is_a_cut_answer() -> None:
    """As it would have been in two: how the network cuts decides nothing."""
    scene = asyncio.run(played("openai.chat", [chunk("lorem") + ERROR], "complete"))
    assert scene is not None and scene.outcomes == ["one partial"]
    assert scene.channel.view().ending() == "truncated" and "lorem" in scene.channel.view().payloads()[0]
