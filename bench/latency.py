"""Latency: what a client waits longer than with the upstream itself, and how long a start takes."""

from __future__ import annotations

from contextlib import ExitStack
from statistics import median

from bench.load import plain_request, stream_request
from bench.rounds import Round, Work, interleaved, percentile
from bench.servers import forwarder, gateway, upstream
from bench.table import Effort, Table

_WORKS = {
    "1 connection, plain answer": (Work(request=plain_request(), connections=1), "latencies"),
    "1 connection, first byte of a stream": (
        Work(request=stream_request(2, 0), connections=1, words=2),
        "first_bytes",
    ),
    "32 connections, plain answer": (Work(request=plain_request(), connections=32), "latencies"),
}


def latency(effort: Effort) -> Table:
    """At one connection, and at 32 that ask again at once, where each waits for the 31 others."""
    rows = []
    with ExitStack() as stack:
        direct = stack.enter_context(upstream())
        servers = {
            "direct": direct,
            "forwarder": stack.enter_context(forwarder(direct)),
            "gateway": stack.enter_context(gateway(direct)),
        }
        for title, (work, field) in _WORKS.items():
            found = interleaved(servers, work, rounds=effort.rounds, seconds=effort.seconds)
            for percent in (50, 99):
                at = {name: _percentile_ms(rounds, field, percent) for name, rounds in found.items()}
                added = [at[name] - at["direct"] for name in ("gateway", "forwarder")]
                rows.append((f"{title}, p{percent}", *(f"{one:.2f}" for one in (*added, at["direct"]))))
    titles = ("ms", "added by the gateway", "added by the forwarder", "upstream alone")
    return Table(heading="Latency", titles=titles, rows=rows)


def startup(effort: Effort) -> Table:
    """From exec to the first 200 of /ready."""
    found: dict[str, list[float]] = {"gateway": [], "forwarder": []}
    with upstream() as direct:
        for _ in range(effort.rounds):
            with gateway(direct) as process:
                found["gateway"].append(process.ready_s)
            with forwarder(direct) as process:
                found["forwarder"].append(process.ready_s)
    ready = {name: median(times) for name, times in found.items()}
    ratio = ready["gateway"] / ready["forwarder"]
    figures = (f"{ready['gateway']:.2f}", f"{ready['forwarder']:.2f}", f"{ratio:.2f}")
    titles = ("", "gateway", "bare forwarder", "ratio")
    return Table(heading="Start", titles=titles, rows=[("seconds from exec to ready", *figures)])


def _percentile_ms(rounds: list[Round], field: str, percent: int) -> float:
    return median(percentile(getattr(one.tally, field), percent) for one in rounds) * 1000
