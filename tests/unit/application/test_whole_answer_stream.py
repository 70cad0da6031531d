"""WholeAnswerStream: what a client sees of an upstream that answers a stream request with a whole answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llm_gateway.adapters.dialects.openai_chat import OpenAIChat
from llm_gateway.application.chat_failed import ChatFailed
from llm_gateway.application.ports.dialect import Answer, AnswerContext
from llm_gateway.application.whole_answer_stream import WholeAnswerStream
from tests.fakes.upstream_transport import ScriptedAnswer
from tests.samples.chat_scene import BODY, WHOLE, ChatScene, streamed

JSON = ((b"content-type", b"application/json; charset=utf-8"),)
CALL = {"id": "call-1", "type": "function", "function": {"name": "f", "arguments": '{"a":"\u2028"}'}}
USAGE = {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}


def said(message: dict[str, Any], *, include_usage: bool = False, finish: str = "stop") -> list[Any]:
    """The chunks; that the OpenAI dialect passes them as they are shows that they keep to the format."""
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    document = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    answer = Answer(body=json.dumps({**document, "usage": USAGE}).encode(), usage=None, finish_reason=finish)
    out = WholeAnswerStream(answer, include_usage=include_usage).close()
    reader = OpenAIChat().stream(AnswerContext(id="x", created=2, model="x", include_usage=include_usage))
    assert reader.feed(out) == out and reader.finished
    return [json.loads(part.removeprefix(b"data: ")) for part in out.split(b"\n\n")[:-2]]


def test_text_and_finish_reason() -> None:
    """In two chunks, as from an upstream that streams."""
    first, last = said({"content": "lorem"}, finish="length")
    assert first["choices"][0]["delta"] == {"role": "assistant", "content": "lorem"}
    assert (first["object"], first["id"], first["model"]) == ("chat.completion.chunk", "c", "m")
    assert (last["choices"][0]["delta"], last["choices"][0]["finish_reason"]) == ({}, "length")


def test_calls_are_numbered() -> None:
    """Clients put fragments together by index."""
    first, _ = said({"content": None, "tool_calls": [CALL, {**CALL, "id": "call-2"}]}, finish="tool_calls")
    assert [(call["index"], call["id"]) for call in first["choices"][0]["delta"]["tool_calls"]] == [
        (0, "call-1"),
        (1, "call-2"),
    ]


def test_usage_comes_last_when_asked() -> None:
    """In a chunk of its own."""
    *_, last = said({"content": "a"}, include_usage=True)
    assert (last["choices"], last["usage"]) == ([], USAGE)


async def test_the_client_gets_a_whole_stream() -> None:
    """With its usage on record."""
    scene = ChatScene(ScriptedAnswer(headers=JSON, chunks=(BODY,)))
    await scene.ask(stream=True)
    view = scene.channel.view()
    assert view.ending() == "answer" and "lorem" in view.payloads()[0]
    assert scene.outcomes == ["one completed"] and scene.observer.records[0].usage.input_tokens == 3


@pytest.mark.parametrize("body", [b'{"error":{"message":"no"}}', b"{", b"[]"])
async def test_what_is_no_answer_falls_back(body: bytes) -> None:
    """An error object, or nothing of the kind."""
    scene = ChatScene(ScriptedAnswer(headers=JSON, chunks=(body,)), streamed(*WHOLE))
    await scene.ask(stream=True)
    assert scene.outcomes[0] in ("one rejected", "one unknown")
    assert scene.outcomes[1].endswith(" completed") and scene.channel.view().ending() == "answer"


async def test_an_answer_that_breaks_off_is_none() -> None:
    """Nothing of it has been said."""
    scene = ChatScene(ScriptedAnswer(headers=JSON, chunks=(BODY[:50],), ending="cut"), providers=("one",))
    with pytest.raises(ChatFailed):
        await scene.ask(stream=True)
    assert not scene.channel.begun
