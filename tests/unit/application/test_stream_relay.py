"""StreamRelay: from the commit point to the stream's real end, or to an honest error."""

from __future__ import annotations

from collections.abc import AsyncIterator

from llm_gateway.adapters.dialects.openai_chat import OpenAIChat
from llm_gateway.application.opened_answer import OpenedStream
from llm_gateway.application.ports.dialect import AnswerContext
from llm_gateway.application.ports.upstream_transport import UpstreamRequest
from llm_gateway.application.stream_relay import relay
from llm_gateway.domain.errors import UpstreamDisconnected, UpstreamError
from tests.fakes.answer_channel import FakeAnswerChannel
from tests.fakes.upstream_transport import FakeUpstreamTransport, ScriptedAnswer
from tests.samples.chat_scene import DONE, WHOLE, chunk

CONTEXT = AnswerContext(id="c", created=1, model="m")
REQUEST = UpstreamRequest(method="POST", origin="https://x.test", target="/", headers=(), body=b"")


async def carried(
    *pieces: bytes, then: UpstreamError | None = None
) -> tuple[UpstreamError | None, FakeAnswerChannel, list[bytes]]:
    """The failure, the client, and the pieces that nobody asked for."""
    left = list(pieces[1:])

    async def chunks() -> AsyncIterator[bytes]:
        while left:
            yield left.pop(0)
        if then is not None:
            raise then

    reader = OpenAIChat().stream(CONTEXT)
    response = await FakeUpstreamTransport(ScriptedAnswer()).send(REQUEST)
    channel = FakeAnswerChannel()
    await channel.begin([])
    head = reader.feed(pieces[0])
    failure = await relay(OpenedStream(reader, head, chunks(), response, 0.0), channel)
    return failure, channel, left


async def test_a_whole_stream() -> None:
    """Byte for byte, and its framing read to the end so that the connection can be used again."""
    failure, channel, left = await carried(*WHOLE)
    assert failure is None and channel.complete and b"".join(channel.writes) == b"".join(WHOLE) and not left


async def test_an_end_without_a_terminal_event_is_a_cut() -> None:
    """Also when the connection was closed properly."""
    failure, channel, _ = await carried(chunk("lorem"), chunk("ipsum"))
    assert isinstance(failure, UpstreamDisconnected) and channel.closed
    assert channel.view().ending() == "truncated"


async def test_a_break_after_the_end_is_none() -> None:
    """The answer was complete by then."""
    failure, channel, _ = await carried(*WHOLE, then=UpstreamDisconnected("late"))
    assert failure is None and channel.view().ending() == "answer"


async def test_a_done_without_a_finish_reason_is_not_passed_on() -> None:
    """The client would take a cut answer for a whole one."""
    failure, channel, _ = await carried(chunk("lorem"), DONE)
    assert failure is not None and "[DONE]" not in channel.view().payloads()


async def test_nothing_follows_the_error() -> None:
    """An event that comes after it is not read."""
    error = b'data: {"error":{"message":"no"}}\n\n'
    failure, channel, left = await carried(chunk("lorem"), error, chunk("ipsum"))
    assert failure is not None and left == [chunk("ipsum")]
    assert channel.view().error()["code"] == "stream_truncated"
