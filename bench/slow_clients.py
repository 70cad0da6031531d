"""Ten thousand slow clients from loopback: whether the others are still served, and that the slow ones go.

`python -m bench.slow_clients [URL] [COUNT]` against a gateway with the lab. Both processes need a hard limit
on open files above COUNT; the gateway raises its own soft one.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import time
from urllib.parse import urlsplit

_BATCH = 200
_PATIENCE_S = 120
_SPARE = 100
_HEAD = b"POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nX-Slow: "


async def _slow(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(_HEAD)
    return reader, writer


async def _probe(host: str, port: int) -> float:
    """Milliseconds for a probe on a connection of its own."""
    began = time.monotonic()
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b"GET /live HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise SystemExit(f"the gateway no longer answers: {answer[:80]!r}")
    return (time.monotonic() - began) * 1000


async def run(host: str, port: int, count: int) -> None:
    slow: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    print(f"before: probe {await _probe(host, port):.1f} ms")
    while len(slow) < count:
        wanted = min(_BATCH, count - len(slow))
        slow += await asyncio.gather(*(_slow(host, port) for _ in range(wanted)))
    began = time.monotonic()
    print(f"{len(slow)} slow clients: probe {await _probe(host, port):.1f} ms")
    async with asyncio.timeout(_PATIENCE_S):
        answers = await asyncio.gather(*(reader.read() for reader, _ in slow), return_exceptions=True)
    told = sum(isinstance(answer, bytes) and answer.startswith(b"HTTP/1.1 408 ") for answer in answers)
    print(f"all gone after {time.monotonic() - began:.0f} s, {told} of them told why (408)")
    print(f"after: probe {await _probe(host, port):.1f} ms")


def main() -> None:
    url = urlsplit(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080")
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if most < count + _SPARE:
        raise SystemExit(f"{count} clients need a limit of {count + _SPARE} open files; it is {most} here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(run(url.hostname or "127.0.0.1", url.port or 80, count))


if __name__ == "__main__":
    main()
