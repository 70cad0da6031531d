"""Growth: cost against the size of the configuration, the number of open streams, and the size of a body."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack

from bench.load import plain_request, stream_request
from bench.process import Process
from bench.rounds import Round, Work, interleaved, median_cpu_us, median_ratio
from bench.servers import ONE_PROVIDER, GatewaySetup, forwarder, gateway, upstream
from bench.table import Effort, Row, Table

_PACE_MS = 100
_WORDS = 20


def growth(effort: Effort) -> Table:
    """Cost against the number of providers and of rules; every provider serves the model."""
    plain = Work(request=plain_request(), connections=32)
    few = Effort(rounds=min(3, effort.rounds), seconds=effort.seconds)
    rows = []
    for providers, rules in ((1, 0), (10, 1), (100, 1), (1, 10), (1, 200), (100, 200)):
        with ExitStack() as stack:
            servers = _pair(stack, GatewaySetup(providers=providers, rules=rules))
            found = _run(servers, plain, few)
        rows.append((f"{providers} providers, {rules} rules", *_figures(found)))
    titles = ("", "CPU µs per request", "of the forwarder's")
    return Table(heading="Growth: configuration", titles=titles, rows=rows, rounds=str(few))


def streams(effort: Effort) -> Table:
    """Cost and memory against the number of open streams; each round is one stream per connection."""
    few = Effort(rounds=min(2, effort.rounds), seconds=0.1)
    rows = []
    for count in (64, 256, 512, 1000):
        work = Work(request=stream_request(_WORDS, _PACE_MS), connections=count, words=_WORDS)
        with ExitStack() as stack:
            servers = _pair(stack)
            peak, found = _with_peak(servers, work, few)
        rows.append((f"{count} streams", *_figures(found), f"{peak:.1f}", f"{peak / count * 1024:.0f}"))
    titles = ("", "CPU µs per event", "of the forwarder's", "peak above idle, MiB", "KiB per stream")
    return Table(
        heading=f"Growth: open streams of {_WORDS} words paced {_PACE_MS} ms", titles=titles, rows=rows
    )


def bodies(effort: Effort) -> Table:
    """Cost and memory against the size of the request."""
    rows = []
    for size in (1 << 10, 32 << 10, 1 << 20, 10 << 20):
        work = Work(request=plain_request(size), connections=1 if size > 1 << 20 else 4)
        with ExitStack() as stack:
            servers = _pair(stack)
            peak, found = _with_peak(servers, work, effort)
        body = size * work.connections / (1 << 20)
        title = f"{size >> 10} KiB, {work.connections} at once"
        times = f"{peak / body:.1f}" if size >= 1 << 20 else ""
        rows.append((title, *_figures(found), f"{peak:.1f}", times))
    titles = ("", "CPU µs per request", "of the forwarder's", "peak above idle, MiB", "of the bodies' size")
    return Table(heading="Growth: body size", titles=titles, rows=rows)


def _pair(stack: ExitStack, setup: GatewaySetup = ONE_PROVIDER) -> dict[str, Process]:
    direct = stack.enter_context(upstream())
    return {
        "forwarder": stack.enter_context(forwarder(direct)),
        "gateway": stack.enter_context(gateway(direct, setup)),
    }


def _run(servers: Mapping[str, Process], work: Work, effort: Effort) -> dict[str, list[Round]]:
    return interleaved(servers, work, rounds=effort.rounds, seconds=effort.seconds)


def _with_peak(
    servers: Mapping[str, Process], work: Work, effort: Effort
) -> tuple[float, dict[str, list[Round]]]:
    """MiB that the gateway had at most, beyond what it had before."""
    before = servers["gateway"].resident_mib()
    servers["gateway"].forget_peak()
    found = _run(servers, work, effort)
    return servers["gateway"].peak_mib() - before, found


def _figures(found: Mapping[str, list[Round]]) -> Row:
    ratio = median_ratio(found["gateway"], found["forwarder"])
    return f"{median_cpu_us(found['gateway']):.1f}", f"{ratio:.2f}"
