"""Cost: CPU per plain request and per event, first byte and memory, beside others in the same rounds."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from statistics import median

from bench.load import plain_request, stream_request
from bench.peers import PEERS, SGLANG, Peer
from bench.process import Process
from bench.rounds import Round, Work, interleaved, median_cpu_us, median_ratio, percentile
from bench.servers import forwarder, gateway, upstream
from bench.table import Effort, Row, Table

_PLAIN = Work(request=plain_request(), connections=32)
_STREAMS = Work(request=stream_request(200, 5), connections=20, words=200)
_ONE_STREAM = Work(request=stream_request(2, 0), connections=1, words=2)


def cost(effort: Effort) -> Table:
    """Beside the forwarder, and beside the compiled router when it is installed."""
    return _beside("Cost", (SGLANG,), effort)


def peers(effort: Effort) -> Table:
    """The same beside every peer that is installed, and what each adds to the first byte of a stream."""
    return _beside("Peers", PEERS, effort, first_byte=True)


def _beside(heading: str, wanted: tuple[Peer, ...], effort: Effort, *, first_byte: bool = False) -> Table:
    versions = {peer.name: version for peer in wanted if (version := peer.version())}
    with ExitStack() as stack:
        direct = stack.enter_context(upstream())
        servers = {"gateway": stack.enter_context(gateway(direct))}
        for peer in wanted:
            if peer.name in versions:
                servers[peer.name] = stack.enter_context(peer.running(direct))
        servers["bare forwarder"] = stack.enter_context(forwarder(direct))
        plain = _run(servers, _PLAIN, effort)
        streams = _run(servers, _STREAMS, effort)
        rows = [
            ("CPU µs per plain request, 32 connections", *_columns(plain)),
            ("CPU µs per event, 20 streams paced 5 ms", *_columns(streams)),
        ]
        if first_byte:
            rows.append(_first_byte({"": direct, **servers}, effort))
        resident = [f"{server.resident_mib():.0f}" for server in servers.values()]
    rows.append(("resident after that, MiB", *_with_blanks(resident)))
    titles = [f"{name} {versions[name]}" if name in versions else name for name in servers]
    others = [title for name in titles[1:] for title in (name, "ratio")]
    return Table(heading=heading, titles=("", "gateway", *others), rows=rows, note=_absent(wanted, versions))


def _run(servers: Mapping[str, Process], work: Work, effort: Effort) -> dict[str, list[Round]]:
    """In the servers' order."""
    found = interleaved(servers, work, rounds=effort.rounds, seconds=effort.seconds)
    return {name: found[name] for name in servers}


def _columns(found: Mapping[str, list[Round]]) -> Row:
    """Ours, then for each other its own and how many of its we take."""
    ours = found["gateway"]
    columns = [f"{median_cpu_us(ours):.1f}"]
    for name, rounds in found.items():
        if name != "gateway":
            # Two digits that count: 1.02, but 0.022 beside what costs fifty times as much.
            ratio = median_ratio(ours, rounds)
            columns += [f"{median_cpu_us(rounds):.1f}", f"{ratio:.2f}" if ratio > 0.1 else f"{ratio:.3f}"]
    return tuple(columns)


def _first_byte(servers: Mapping[str, Process], effort: Effort) -> Row:
    found = _run(servers, _ONE_STREAM, effort)
    at = {
        name: median(percentile(one.tally.first_bytes, 50) for one in rounds) * 1000
        for name, rounds in found.items()
    }
    added = [f"{at[name] - at['']:.2f}" for name in servers if name]
    return ("first byte added at one connection, p50 ms", *_with_blanks(added))


def _with_blanks(values: list[str]) -> Row:
    """No ratio behind the others' values."""
    return (values[0], *(cell for value in values[1:] for cell in (value, "")))


def _absent(wanted: tuple[Peer, ...], versions: Mapping[str, str]) -> str:
    absent = [peer.name for peer in wanted if peer.name not in versions]
    return f"Not installed, so not measured: {', '.join(absent)} (`make bench-peers`)." if absent else ""
