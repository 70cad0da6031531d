"""Stalls: gaps of more than twice the pacing among many paced streams, beside the upstream's own."""

from __future__ import annotations

from contextlib import ExitStack

from bench.load import stream_request
from bench.rounds import Work, interleaved, median_cpu_us, percentile
from bench.servers import gateway, upstream
from bench.table import Effort, Table


def stalls(effort: Effort) -> Table:
    """One stream per connection and round, three times as long as others measure: the first second is the
    requests' own."""
    rows = []
    few = min(3, effort.rounds)
    for streams, pace_ms in ((64, 20), (512, 100)):
        words = max(5, int(3 * effort.seconds * 1000 / pace_ms))
        work = Work(request=stream_request(words, pace_ms), connections=streams, words=words)
        with ExitStack() as stack:
            direct = stack.enter_context(upstream())
            servers = {"direct": direct, "gateway": stack.enter_context(gateway(direct))}
            # Seconds are here only the patience before the connections are told to stop after their stream.
            found = interleaved(servers, work, rounds=few, seconds=0.1)
        gaps = {name: [gap for one in rounds for gap in one.tally.gaps] for name, rounds in found.items()}
        late = {name: sum(gap > 2 * pace_ms / 1000 for gap in seen) for name, seen in gaps.items()}
        rows.append(
            (
                f"{streams} streams paced {pace_ms} ms",
                *(f"{late[name]} of {len(gaps[name])}" for name in ("gateway", "direct")),
                *(f"{percentile(gaps[name], 99) * 1000:.0f}" for name in ("gateway", "direct")),
                *(f"{max(gaps[name]) * 1000:.0f}" for name in ("gateway", "direct")),
                f"{median_cpu_us(found['gateway']):.1f}",
            )
        )
    titles = (
        *("", "gateway: stalls", "upstream alone", "gateway: gap p99, ms", "upstream alone"),
        *("gateway: longest gap, ms", "upstream alone", "CPU µs per event"),
    )
    return Table(
        heading="Stalls (a gap of more than twice the pacing)",
        titles=titles,
        rows=rows,
        rounds=f"{few} rounds of {3 * effort.seconds:g} s",
    )
