"""StreamKeepalive: comments that keep an idle proxy from killing a stream whose first token is slow."""

from __future__ import annotations

import asyncio

from llm_gateway.application.answer_headers import Headers
from llm_gateway.application.ports.answer_channel import AnswerChannel

INTERVAL_S = 15.0
PING = b": ping\n\n"


class StreamKeepalive:
    """After `interval` seconds without content, begins the stream and writes a comment; again each interval.

    Costs one timer until then. `stop` before anything else is written to the channel.
    """

    def __init__(self, channel: AnswerChannel, headers: Headers, interval: float = INTERVAL_S) -> None:
        self._channel = channel
        self._headers = headers
        self._interval = interval
        self._task: asyncio.Task[None] | None = None
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(interval, self._start, loop)

    async def stop(self) -> None:
        self._timer.cancel()
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    def cancel(self) -> None:
        """`stop` for who cannot wait: the request is over."""
        self._timer.cancel()
        if self._task is not None:
            self._task.cancel()

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._task = loop.create_task(self._ping())

    async def _ping(self) -> None:
        await self._channel.begin(self._headers)
        while True:
            if not self._channel.write(PING):
                await self._channel.drained()
            await asyncio.sleep(self._interval)
