"""Two hundred streams at once, with cuts, stalls and leaving clients: nothing of them stays behind."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from pathlib import Path

from bench.soak import Round, descriptors, expected_endings, soak

STREAMS = 200


async def run(directory: Path, streams: int) -> Round:
    async with soak(directory) as running:
        return await running.round(streams)


async def settled() -> tuple[int, int]:
    """Tasks and sockets once what was closed is gone."""
    await asyncio.sleep(0.1)
    gc.collect()
    return len(asyncio.all_tasks()), descriptors()["socket"]


async def test_nothing_is_left_behind(tmp_path: Path) -> None:
    """Every stream ends as it should, with its one event; tasks and sockets are as many as before."""
    await run(tmp_path / "warm", 1)
    before = await settled()
    done = await run(tmp_path / "soak", STREAMS)
    assert done.endings == expected_endings(STREAMS)
    assert done.events == Counter(route_select=STREAMS)
    assert len(done.leave_ms) == STREAMS // 20
    assert await settled() == before
