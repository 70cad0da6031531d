"""Memory: what is resident while a gateway answers, fails and is left by its clients, minute after minute."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import replace
from statistics import linear_regression

import uvloop

from bench.load import load, plain_request, stream_request
from bench.process import Process
from bench.servers import ONE_PROVIDER, gateway, upstream
from bench.table import Effort, Table

_EVERY_S = 10.0
_PAUSE_S = 0.005
_WORDS = 50
# Small enough for segments to come and go within minutes.
_SETUP = replace(ONE_PROVIDER, failing=True, spool_bytes=64 << 20)


def memory(effort: Effort) -> Table:
    """Plain answers, streams, upstream failures and clients that leave, all at once."""
    seconds = effort.minutes * 60
    with upstream() as direct, gateway(direct, _SETUP) as server:
        idle = server.resident_mib()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            counts, samples = runner.run(_mixed(server, seconds))
    half = len(samples) // 2
    rows = [
        *((f"{title}, requests", str(number)) for title, number in counts.items()),
        ("resident before, MiB", f"{idle:.1f}"),
        (f"first sample, after {samples[0][0]:.0f} s", f"{samples[0][1]:.1f}"),
        ("in the middle", f"{samples[half][1]:.1f}"),
        ("last", f"{samples[-1][1]:.1f}"),
        ("least and most", f"{min(mib for _, mib in samples):.1f} to {max(mib for _, mib in samples):.1f}"),
        ("growth of the second half, MiB an hour", f"{_slope(samples[half:]) * 3600:+.1f}"),
    ]
    return Table(
        heading="Memory over time",
        titles=("", f"{len(samples)} samples"),
        rows=rows,
        rounds=f"{effort.minutes:g} minutes",
    )


async def _mixed(server: Process, seconds: float) -> tuple[dict[str, int], list[tuple[float, float]]]:
    """What was asked, by kind, and (seconds, MiB) samples."""
    port = server.port
    plain = load(port, plain_request(), connections=8, seconds=seconds, pause_s=_PAUSE_S)
    streams = load(
        port, stream_request(_WORDS, 5), connections=8, seconds=seconds, words=_WORDS, pause_s=_PAUSE_S
    )
    until = time.monotonic() + seconds
    failing = _asking(_fail(port, until), _fail(port, until))
    leaving = _asking(*(_leave(port, until) for _ in range(4)))
    answered, streamed, failed, left, samples = await asyncio.gather(
        plain, streams, failing, leaving, _sampled(server, seconds)
    )
    counts = {
        "answered": answered.answers,
        "streamed": streamed.answers,
        "failed upstream": failed,
        "left by the client": left,
    }
    return counts, samples


async def _sampled(server: Process, seconds: float) -> list[tuple[float, float]]:
    every = min(_EVERY_S, seconds / 6)
    began = time.monotonic()
    samples = []
    while (passed := time.monotonic() - began) + every <= seconds + every / 2:
        await asyncio.sleep(every)
        samples.append((passed + every, server.resident_mib()))
    return samples


async def _asking(*clients: Coroutine[None, None, int]) -> int:
    return sum(await asyncio.gather(*clients))


async def _fail(port: int, until: float) -> int:
    """Asks a model that always fails, on one connection; the answers are 5xx."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    asked = 0
    while time.monotonic() < until:
        writer.write(plain_request(model="failing"))
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 5"):
            raise RuntimeError(f"expected a failure, got {head[:100]!r}")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
        await reader.readexactly(int(fields[b"content-length"]))
        asked += 1
        await asyncio.sleep(_PAUSE_S)
    writer.close()
    return asked


async def _leave(port: int, until: float) -> int:
    """Goes away in the middle of each stream."""
    asked = 0
    while time.monotonic() < until:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(stream_request(200, 5))
        await reader.read(100)
        await reader.read(100)
        writer.transport.abort()
        asked += 1
        await asyncio.sleep(_PAUSE_S)
    return asked


def _slope(samples: list[tuple[float, float]]) -> float:
    """MiB a second, by least squares."""
    return linear_regression([at for at, _ in samples], [mib for _, mib in samples]).slope
