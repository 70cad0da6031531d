"""Many streams at once, some cut, some stalled, some left by their clients: what stays behind afterwards.

.venv/bin/python -m bench.soak [--streams 1000] [--rounds 5]

Gateway, lab and clients share one process. Each round prints how the streams ended, the tasks and bytes in
use, and how long after its client's leaving an upstream call was closed. Exit code 1 for a leak: tasks,
sockets or files that are not back where they were, memory that grew by more than 3 % from the second round
to the last, or a request without exactly its events.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import uvloop

from llm_gateway.application.configuration import (
    AuthSettings,
    GatewayConfiguration,
    ProviderAccount,
    Resilience,
)
from llm_gateway.application.ports.upstream_transport import Timeouts
from llm_gateway.domain.circuit_breaker import BreakerPolicy
from llm_gateway.domain.provider import Model
from llm_gateway.entrypoints.container import build_container
from llm_gateway.entrypoints.drill.loopback_gateway import loopback_gateway
from llm_gateway.entrypoints.drill.raw_client import RawExchange
from llm_gateway.entrypoints.drill.staging import StagedSource
from llm_gateway.entrypoints.lab.server import Lab
from llm_gateway.entrypoints.settings import Settings

WHOLE, CUT, STALLED, LEFT = "lorem+words=12+pace=2ms", "cut@3", "stall@3", "lorem+words=9000+pace=5ms"
# One in twenty each.
_SHARES = {0: CUT, 1: STALLED, 2: LEFT}
_USER = re.compile(rb'"user":"(\d+)"')
_BREAKER = BreakerPolicy(failure_threshold=1_000_000, min_requests=1_000_000)
_TIMEOUTS = Timeouts(connect=30.0, first_byte=30.0, idle=0.5, total=120.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """`endings` count what the clients saw, by what was asked for; `events` are the decisions on record;
    `leave_ms` how long each upstream call outlived its client, `tasks` what was left running."""

    endings: Counter[tuple[str, str]]
    events: Counter[str]
    leave_ms: list[float]
    tasks: int


class Soak:
    """`events` tells the decision types on record since a Unix time."""

    def __init__(self, url: str, lab: Lab, events: Callable[[float], Counter[str]]) -> None:
        self._url = url
        self._lab = lab
        self._events = events
        self._left_at: dict[int, float] = {}

    async def round(self, streams: int) -> Round:
        self._lab.log.clear()
        self._left_at.clear()
        began = time.time()
        endings = await asyncio.gather(*(self._one(number) for number in range(streams)))
        while self._lab.counts.in_flight:  # noqa: ASYNC110 - the lab counts, it tells nobody
            await asyncio.sleep(0.01)
        await asyncio.sleep(0)
        return Round(
            endings=Counter(endings),
            events=self._events(began),
            leave_ms=self._leave_ms(),
            tasks=len(asyncio.all_tasks()),
        )

    async def _one(self, number: int) -> tuple[str, str]:
        asked = _SHARES.get(number % 20, WHOLE)
        document = {
            "model": f"soak/{asked}",
            "messages": [{"role": "user", "content": "hi"}],
            "stream": True,
            "user": str(number),
        }
        async with RawExchange(self._url, document) as exchange:
            if asked == LEFT:
                await exchange.until(b"ipsum")
                self._left_at[number] = asyncio.get_running_loop().time()
                return asked, "left"
            return asked, (await exchange.finish()).ending()

    def _leave_ms(self) -> list[float]:
        found = []
        for record in self._lab.log.records:
            user = _USER.search(record.body or b"")
            left_at = self._left_at.get(int(user[1])) if user else None
            if left_at is not None and record.client_gone_at is not None:
                found.append((record.client_gone_at - left_at) * 1000)
        return sorted(found)


@asynccontextmanager
async def soak(directory: Path) -> AsyncIterator[Soak]:
    async with Lab() as lab:
        account = ProviderAccount(
            id="soak",
            type="openai_compatible",
            dialect="openai.chat",
            base_url=f"{lab.url}/v1",
            credential_required=False,
            models=(Model(name="*"),),
            timeouts=_TIMEOUTS,
        )
        configuration = GatewayConfiguration(
            providers=(account,),
            resilience=Resilience(circuit_breaker=_BREAKER),
            auth=AuthSettings(mode="none"),
        )
        settings = Settings().model_copy(
            update={"spool_dir": directory, "run_dir": directory, "auth": "none"}
        )
        container = build_container(settings, StagedSource(configuration))

        def events(since: float) -> Counter[str]:
            records = container.decision_log().recent(since=since, limit=1_000_000)
            return Counter(record["decision_type"] for record in records)

        async with loopback_gateway(container) as url:
            yield Soak(url, lab, events)


def expected_endings(streams: int) -> Counter[tuple[str, str]]:
    seen = {WHOLE: "answer", CUT: "truncated", STALLED: "truncated", LEFT: "left"}
    asked = [_SHARES.get(number % 20, WHOLE) for number in range(streams)]
    return Counter((name, seen[name]) for name in asked)


def descriptors() -> Counter[str]:
    """Of this process, by kind: `socket`, `file` (a gateway's own last as long as its process), others."""
    kinds = Counter[str]()
    for link in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the directory's own
            name = str(link.readlink())
            kinds["file" if name.startswith("/") else name.partition(":")[0]] += 1
    return kinds


def resident_kib() -> int:
    gc.collect()
    match = re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(match[1]) if match else 0


async def run(streams: int, rounds: int) -> list[str]:
    """What is wrong, in words."""
    faults: list[str] = []
    memory: list[int] = []
    with tempfile.TemporaryDirectory(prefix="soak-") as directory:
        async with soak(Path(directory)) as running:
            for number in range(1, rounds + 1):
                tasks, files = len(asyncio.all_tasks()), descriptors()["file"]
                done = await running.round(streams)
                memory.append(resident_kib())
                print(f"round {number}: {report(done)}, {memory[-1] / 1024:.1f} MiB", flush=True)
                faults += [f"round {number}: {fault}" for fault in wrong(done, streams, tasks)]
                if descriptors()["file"] != files:
                    faults.append(f"round {number}: files {files} -> {descriptors()['file']}")
    if rounds > 2 and memory[-1] > memory[1] * 1.03:
        faults.append(f"memory {memory[1]} -> {memory[-1]} KiB")
    return faults


def wrong(done: Round, streams: int, tasks: int) -> list[str]:
    """`tasks` is how many there were before."""
    faults = []
    if done.endings != expected_endings(streams):
        faults.append(f"endings {dict(done.endings)}")
    if done.events != Counter(route_select=streams):
        faults.append(f"events {dict(done.events)}")
    if len(done.leave_ms) != sum(n for (_, seen), n in done.endings.items() if seen == "left"):
        faults.append("an upstream call outlived its client")
    if done.tasks != tasks:
        faults.append(f"{done.tasks - tasks} tasks left")
    return faults


def report(done: Round) -> str:
    ended = Counter[str]()
    for (_, seen), count in done.endings.items():
        ended[seen] += count
    waits = done.leave_ms or [0.0]
    return (
        f"{dict(ended)}, {done.events.total()} events, {done.tasks} tasks, upstream closed "
        f"{waits[len(waits) // 2]:.1f} ms (median) and {waits[-1]:.1f} ms (longest) after its client left"
    )


async def main(streams: int, rounds: int) -> int:
    await run(20, 1)  # what a first run opens once and for all
    gc.collect()
    before = descriptors()["socket"]
    faults = await run(streams, rounds)
    await asyncio.sleep(0.1)
    gc.collect()
    after = descriptors()["socket"]
    print(f"{before} sockets before, {after} after")
    if after != before:
        faults.append("sockets")
    print("leaks: " + ("; ".join(faults) or "none"))
    return 1 if faults else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(runner.run(main(given.streams, given.rounds)))
