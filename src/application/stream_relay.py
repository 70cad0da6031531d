"""StreamRelay: an opened stream carried to the client, to its real end or to an honest error event."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from llm_gateway.application.opened_answer import OpenedStream
from llm_gateway.application.ports.answer_channel import AnswerChannel
from llm_gateway.application.stream_errors import DONE, error_event
from llm_gateway.domain.errors import UpstreamDisconnected, UpstreamError

# How long the end of the upstream's framing may take after its last event, so that the connection can be
# used again; the client does not wait for it.
_TAIL_S = 1.0


async def relay(stream: OpenedStream, channel: AnswerChannel) -> UpstreamError | None:
    """Everything from the commit point on; `channel` has begun. None, or why the stream was cut.

    Back-pressure: the next read happens only when the client has taken the last write.
    """
    failure = await _carry(stream, channel)
    if failure is not None:
        await channel.write(error_event(failure))
        await channel.abort()
    else:
        await channel.end()
        await _finish_upstream(stream)
    return failure


async def _carry(stream: OpenedStream, channel: AnswerChannel) -> UpstreamError | None:
    reader = stream.reader
    out = stream.head
    if out:
        await channel.write(out)
    # `finished` alone is not the end: some wires report usage after their terminal event.
    while not out.endswith(DONE) and reader.failure is None:
        try:
            data = await anext(stream.chunks, None)
        except UpstreamError as exc:
            if not reader.finished:
                return exc
            data = None
        out = reader.close() if data is None else reader.feed(data)
        if out:
            await channel.write(out)
        if data is None:
            break
    if reader.failure is not None:
        return reader.failure
    if not reader.finished:
        return UpstreamDisconnected("the upstream ended its stream before its end")
    return None


async def _finish_upstream(stream: OpenedStream) -> None:
    with suppress(UpstreamError, TimeoutError):
        async with asyncio.timeout(_TAIL_S):
            async for _ in stream.chunks:
                pass
