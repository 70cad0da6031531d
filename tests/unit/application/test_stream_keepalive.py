"""StreamKeepalive: comments while nothing else is written."""

from __future__ import annotations

import asyncio

from llm_gateway.application.stream_keepalive import PING, StreamKeepalive
from tests.fakes.answer_channel import FakeAnswerChannel


async def pinged(channel: FakeAnswerChannel, count: int) -> None:
    while len(channel.writes) < count:  # noqa: ASYNC110 - the fake tells nobody
        await asyncio.sleep(0)


async def test_nothing_before_the_interval_is_over() -> None:
    """A quick answer never sees it."""
    channel = FakeAnswerChannel()
    keepalive = StreamKeepalive(channel, [], interval=60.0)
    await asyncio.sleep(0)
    await keepalive.stop()
    assert not channel.begun


async def test_it_begins_the_stream_and_goes_on() -> None:
    """With the headers that are known by then."""
    channel = FakeAnswerChannel()
    keepalive = StreamKeepalive(channel, [(b"x-one", b"1")], interval=0.001)
    await pinged(channel, 3)
    await keepalive.stop()
    assert channel.headers["x-one"] == "1" and set(channel.writes) == {PING}


async def test_stopped_means_stopped() -> None:
    """Also while the client takes nothing and a comment is stuck."""
    channel = FakeAnswerChannel()
    channel.taking.clear()
    keepalive = StreamKeepalive(channel, [], interval=0.001)
    await pinged(channel, 1)
    await keepalive.stop()
    channel.taking.set()
    await asyncio.sleep(0.01)
    assert channel.writes == [PING]


async def test_cancel_leaves_nothing_running() -> None:
    """For who cannot wait."""
    channel = FakeAnswerChannel()
    keepalive = StreamKeepalive(channel, [], interval=0.001)
    await pinged(channel, 1)
    keepalive.cancel()
    await asyncio.sleep(0.01)
    assert len(asyncio.all_tasks()) == 1
