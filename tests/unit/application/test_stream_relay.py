"""StreamRelay: from the commit point to the stream's real end, or to an honest error."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

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


async def opened(*pieces: Any, **more: Any) -> tuple[OpenedStream, FakeAnswerChannel]:
    """A stream whose first piece has been read, and a client that takes everything."""
    transport = FakeUpstreamTransport(ScriptedAnswer(chunks=pieces[1:], **more))
    reader = OpenAIChat().stream(CONTEXT)
    channel = FakeAnswerChannel()
    await channel.begin([])
    response = await transport.send(REQUEST)
    return OpenedStream(reader, reader.feed(pieces[0]), False, response, 0.0, lambda error: error), channel


async def carried(*pieces: bytes, **more: Any) -> tuple[UpstreamError | None, FakeAnswerChannel, list[bytes]]:
    """The failure, the client, and what nobody read of the upstream."""
    stream, channel = await opened(*pieces, **more)
    failure = await relay(stream, channel)
    left: list[bytes] = []
    await stream.response.carry(lambda piece: left.append(piece) is None)
    return failure, channel, left


async def test_a_whole_stream() -> None:
    """Byte for byte, and its framing read to the end so that the connection can be used again."""
    failure, channel, left = await carried(*WHOLE)
    assert failure is None and channel.complete and b"".join(channel.writes) == b"".join(WHOLE) and not left


async def test_one_piece_in_is_one_write_out() -> None:
    """Each event reaches the client before the next is read."""
    _, channel, _ = await carried(*WHOLE)
    assert channel.writes == list(WHOLE)


async def test_a_slow_client_holds_the_upstream_back() -> None:
    """While it takes nothing, one write is all that is ahead of it."""
    stream, channel = await opened(*WHOLE)
    channel.taking.clear()
    work = asyncio.create_task(relay(stream, channel))
    await asyncio.sleep(0.01)
    assert channel.writes == [WHOLE[0]]
    channel.taking.set()
    assert await work is None and channel.writes == list(WHOLE)


@pytest.mark.parametrize("slow", [False, True])
async def test_cancelled_it_writes_no_more(slow: bool) -> None:
    """Whether it waits for the upstream or for the client."""
    gate = asyncio.Event()
    stream, channel = await opened(chunk("lorem"), gate, *WHOLE[1:])
    if slow:
        channel.taking.clear()
    work = asyncio.create_task(relay(stream, channel))
    await asyncio.sleep(0.01)
    work.cancel()
    await asyncio.wait([work])
    gate.set()
    assert work.cancelled() and channel.writes == [chunk("lorem")] and not channel.complete


async def test_an_end_without_a_terminal_event_is_a_cut() -> None:
    """Also when the connection was closed properly."""
    failure, channel, _ = await carried(chunk("lorem"), chunk("ipsum"))
    assert isinstance(failure, UpstreamDisconnected) and channel.closed
    assert channel.view().ending() == "truncated"


async def test_a_break_after_the_end_is_none() -> None:
    """The answer was complete by then."""
    failure, channel, _ = await carried(*WHOLE, ending="cut")
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
