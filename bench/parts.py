"""The parts of a run: each measures the gateway beside the bare forwarder or the upstream itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from statistics import median

from bench.cost import cost, peers
from bench.load import plain_request, stream_request
from bench.process import Process
from bench.rounds import Round, Work, interleaved, median_cpu_us, median_ratio, percentile
from bench.servers import ONE_PROVIDER, GatewaySetup, forwarder, gateway, upstream
from bench.table import Effort, Row, Table


def latency(effort: Effort) -> Table:
    """What one connection waits longer than with the upstream itself."""
    rows = []
    with ExitStack() as stack:
        direct = stack.enter_context(upstream())
        servers = {
            "direct": direct,
            "forwarder": stack.enter_context(forwarder(direct)),
            "gateway": stack.enter_context(gateway(direct)),
        }
        works = {
            "plain answer": (Work(request=plain_request(), connections=1), "latencies"),
            "first byte of a stream": (
                Work(request=stream_request(2, 0), connections=1, words=2),
                "first_bytes",
            ),
        }
        for title, (work, field) in works.items():
            found = interleaved(servers, work, rounds=effort.rounds, seconds=effort.seconds)
            for percent in (50, 99):
                at = {name: _percentile_ms(rounds, field, percent) for name, rounds in found.items()}
                added = [at[name] - at["direct"] for name in ("gateway", "forwarder")]
                rows.append((f"{title}, p{percent}", *(f"{one:.2f}" for one in (*added, at["direct"]))))
    titles = ("ms at one connection", "added by the gateway", "added by the forwarder", "upstream alone")
    return Table(heading="Latency", titles=titles, rows=rows)


def startup(effort: Effort) -> Table:
    """From exec to the first 200 of /ready."""
    found: dict[str, list[float]] = {"gateway": [], "forwarder": []}
    resident = []
    with upstream() as direct:
        for _ in range(effort.rounds):
            with gateway(direct) as process:
                found["gateway"].append(process.ready_s)
                resident.append(process.resident_mib())
            with forwarder(direct) as process:
                found["forwarder"].append(process.ready_s)
    ready = {name: median(times) for name, times in found.items()}
    ratio = ready["gateway"] / ready["forwarder"]
    row = (
        "seconds from exec to ready",
        f"{ready['gateway']:.2f}",
        f"{ready['forwarder']:.2f}",
        f"{ratio:.2f}",
    )
    return Table(heading="Start", titles=("", "gateway", "bare forwarder", "ratio"), rows=[row])


def stalls(effort: Effort) -> Table:
    """Gaps of more than twice the pacing among many paced streams, beside the upstream's own."""
    rows = []
    for streams, pace_ms in ((64, 20), (512, 100)):
        words = max(5, int(effort.seconds * 1000 / pace_ms))
        work = Work(request=stream_request(words, pace_ms), connections=streams, words=words)
        with ExitStack() as stack:
            direct = stack.enter_context(upstream())
            servers = {"direct": direct, "gateway": stack.enter_context(gateway(direct))}
            # One stream per connection and round: seconds are only the patience before they are counted.
            found = interleaved(servers, work, rounds=effort.rounds, seconds=0.1)
        gaps = {name: [gap for one in rounds for gap in one.tally.gaps] for name, rounds in found.items()}
        late = {name: sum(gap > 2 * pace_ms / 1000 for gap in seen) for name, seen in gaps.items()}
        rows.append(
            (
                f"{streams} streams paced {pace_ms} ms",
                f"{late['gateway']} of {len(gaps['gateway'])}",
                f"{late['direct']} of {len(gaps['direct'])}",
                f"{percentile(gaps['gateway'], 99) * 1000:.0f}",
                f"{max(gaps['gateway']) * 1000:.0f}",
                f"{median_cpu_us(found['gateway']):.1f}",
            )
        )
    titles = ("", "gateway: stalls", "upstream alone", "gap p99, ms", "longest gap, ms", "CPU µs per event")
    return Table(heading="Stalls (a gap of more than twice the pacing)", titles=titles, rows=rows)


def growth(effort: Effort) -> Table:
    """Cost against the number of providers and of rules; every provider serves the model."""
    plain = Work(request=plain_request(), connections=32)
    rows = []
    for providers, rules in ((1, 0), (10, 1), (100, 1), (1, 10), (1, 200), (100, 200)):
        with ExitStack() as stack:
            servers = _pair(stack, GatewaySetup(providers=providers, rules=rules))
            found = _run(servers, plain, effort)
        rows.append(_growth_row(f"{providers} providers, {rules} rules", found))
    return Table(
        heading="Growth: configuration", titles=("", "CPU µs per request", "of the forwarder's"), rows=rows
    )


def bodies(effort: Effort) -> Table:
    """Cost and memory against the size of the request."""
    rows = []
    for size in (1 << 10, 32 << 10, 1 << 20, 10 << 20):
        work = Work(request=plain_request(size), connections=1 if size > 1 << 20 else 4)
        with ExitStack() as stack:
            servers = _pair(stack)
            before = servers["gateway"].resident_mib()
            servers["gateway"].forget_peak()
            found = _run(servers, work, effort)
            peak = servers["gateway"].peak_mib() - before
        body = size * work.connections / (1 << 20)
        rows.append(
            (
                *_growth_row(f"{size >> 10} KiB, {work.connections} at once", found),
                f"{peak:.1f}",
                f"{peak / body:.1f}" if size >= 1 << 20 else "",
            )
        )
    titles = ("", "CPU µs per request", "of the forwarder's", "peak above idle, MiB", "of the bodies' size")
    return Table(heading="Growth: body size", titles=titles, rows=rows)


PARTS: Mapping[str, Callable[[Effort], Table]] = {
    part.__name__: part for part in (cost, peers, latency, startup, stalls, growth, bodies)
}
STANDARD = ("cost", "latency", "startup")


def _pair(stack: ExitStack, setup: GatewaySetup = ONE_PROVIDER) -> dict[str, Process]:
    direct = stack.enter_context(upstream())
    return {
        "forwarder": stack.enter_context(forwarder(direct)),
        "gateway": stack.enter_context(gateway(direct, setup)),
    }


def _run(servers: Mapping[str, Process], work: Work, effort: Effort) -> dict[str, list[Round]]:
    return interleaved(servers, work, rounds=effort.rounds, seconds=effort.seconds)


def _growth_row(title: str, found: Mapping[str, list[Round]]) -> Row:
    ratio = median_ratio(found["gateway"], found["forwarder"])
    return title, f"{median_cpu_us(found['gateway']):.1f}", f"{ratio:.2f}"


def _percentile_ms(rounds: list[Round], field: str, percent: int) -> float:
    return median(percentile(getattr(one.tally, field), percent) for one in rounds) * 1000
