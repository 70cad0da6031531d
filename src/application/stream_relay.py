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

    Back-pressure: while the client has not taken the last write, the upstream is not read.
    """
    passage = _Passage(stream, channel)
    failure = await passage.carry()
    if failure is not None:
        await channel.end("cut", passage.last + error_event(failure))
    else:
        await channel.end("complete", passage.last)
        if not passage.ended:
            await _finish_upstream(stream)
    return failure


class _Passage:
    """Translates and writes in the callback that reads the upstream: a task runs only at the end, and when
    the client is slow. `last` is what comes out with the end, and goes to the client with it; `ended` says
    that the upstream's body has ended, too."""

    __slots__ = ("_channel", "_feed", "_over", "_reader", "_stream", "_write", "ended", "last")

    def __init__(self, stream: OpenedStream, channel: AnswerChannel) -> None:
        self._stream = stream
        self._reader = stream.reader
        self._feed = stream.reader.feed
        self._channel = channel
        self._write = channel.write
        self._over = False
        self.last = b""
        self.ended = stream.ended

    async def carry(self) -> UpstreamError | None:
        """Why the stream was cut, or None."""
        reader = self._reader
        free = self._put(self._stream.head)
        while not (self._over or self.ended):
            if not free:
                await self._channel.drained()
            try:
                self.ended = await self._stream.response.carry(self._take)
            except UpstreamError as exc:
                if not reader.finished:
                    return exc
                self.ended = True
            if self.ended and not self._over:
                self.last = reader.close()
            free = False
        if reader.failure is not None:
            return self._stream.without_secrets(reader.failure)
        if not reader.finished:
            return UpstreamDisconnected("the upstream ended its stream before its end")
        return None

    def _take(self, data: bytes) -> bool:
        return self._put(self._feed(data))

    def _put(self, out: bytes) -> bool:
        # `finished` alone is not the end: some wires report usage after their terminal event.
        if self._reader.failure is not None or out.endswith(DONE):
            self._over = True
            self.last = out
            return False
        return self._write(out) if out else True


async def _finish_upstream(stream: OpenedStream) -> None:
    with suppress(UpstreamError, TimeoutError):
        async with asyncio.timeout(_TAIL_S):
            await stream.response.carry(lambda _: True)
