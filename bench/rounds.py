"""Interleaved rounds (A B B A …), so that a noisy neighbour disturbs both sides, and their medians."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from statistics import median

import uvloop

from bench.load import Tally, load
from bench.process import Process

_PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """`cpu_us` per answer, or per event for streams; `rate` answers a second; the tally holds the rest."""

    cpu_us: float
    rate: float
    tally: Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """`words` is None for plain answers, else the content events of each stream."""

    request: bytes
    connections: int
    words: int | None = None


def interleaved(
    servers: Mapping[str, Process], work: Work, *, rounds: int, seconds: float, settling: Collection[str] = ()
) -> dict[str, list[Round]]:
    """By server's name, a list of rounds. Each server has one short round before that does not count.

    Those of `settling` have after each round what they still do about its answers (delivering their
    records) counted as well.
    """
    for name, server in servers.items():
        one_round(server, work, min(0.5, seconds), settle=name in settling)
    found: dict[str, list[Round]] = {name: [] for name in servers}
    for number in range(rounds):
        # A B, B A, …: neither side always runs first.
        for name in sorted(servers, reverse=number % 2 == 1):
            found[name].append(one_round(servers[name], work, seconds, settle=name in settling))
    return found


def one_round(server: Process, work: Work, seconds: float, *, settle: bool = False) -> Round:
    before, began = server.cpu_s(), time.perf_counter()
    try:
        tally = _load(server, work, seconds)
    except RuntimeError as exc:
        exc.add_note(f"from {server.command}")
        raise
    rate = tally.answers / (time.perf_counter() - began)
    if settle:
        server.settle(_PATIENCE_S)
    used = server.cpu_s() - before
    return Round(cpu_us=used / (tally.events or tally.answers) * 1e6, rate=rate, tally=tally)


def _load(server: Process, work: Work, seconds: float) -> Tally:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(
            load(
                server.port,
                work.request,
                connections=work.connections,
                seconds=seconds,
                words=work.words,
                rewritten=server.rewrites,
            )
        )


def median_cpu_us(rounds: list[Round]) -> float:
    return median(one.cpu_us for one in rounds)


def median_more_us(rounds: list[Round], reference: list[Round]) -> float:
    """The median of the rounds' own differences, each against its neighbour in time."""
    return median(one.cpu_us - other.cpu_us for one, other in zip(rounds, reference, strict=True))


def median_ratio(rounds: list[Round], reference: list[Round]) -> float:
    """The median of the rounds' own ratios, each against its neighbour in time."""
    return median(one.cpu_us / other.cpu_us for one, other in zip(rounds, reference, strict=True))


def percentile(values: list[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
