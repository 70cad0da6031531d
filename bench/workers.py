"""Workers: what a second process brings on two cores that load and upstream need as well."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from bench.load import plain_request
from bench.process import Process, pin
from bench.rounds import Work, one_round
from bench.servers import ONE_PROVIDER, OTHER_CORE, gateway, upstream
from bench.table import Effort, Row, Table

_COUNTS = (1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A gateway and where its workers keep their records."""

    process: Process
    spool: Path

    def records(self) -> list[int]:
        """How many each worker has written so far, which is one for each answer."""
        return [
            sum(segment.read_bytes().count(b"\n") for segment in worker.glob("0*.jsonl"))
            for worker in sorted(self.spool.iterdir())
            if worker.is_dir()
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Of one round: answers a second, CPU µs per answer of the gateway and of load and upstream together,
    and which share of the answers the busiest worker gave."""

    rate: float
    gateway_us: float
    around_us: float
    busiest: float


def workers(effort: Effort) -> Table:
    """Nothing is pinned: every process runs where there is room."""
    wrk = shutil.which("wrk")
    rows = []
    pin(None)
    try:
        with ExitStack() as stack:
            direct = stack.enter_context(upstream(core=None))
            sites = {count: stack.enter_context(_site(direct, count)) for count in _COUNTS}
            for connections in (8, 64):
                rows += _rows(_measured(sites, direct, connections, effort, wrk), connections)
    finally:
        pin(OTHER_CORE)
    titles = (
        *("", "answers a second", "of one worker's", "at most here", "busiest worker's share"),
        *("CPU µs per answer", "load and upstream"),
    )
    load = "wrk" if wrk else "this program, which is heavier than wrk (not installed)"
    note = f"The load is {load}. At most: if both cores did nothing else than gateway, load and upstream."
    return Table(heading=f"Workers on {os.cpu_count()} cores", titles=titles, rows=rows, note=note)


@contextmanager
def _site(to: Process, count: int) -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="bench-") as spool:
        setup = replace(ONE_PROVIDER, workers=count, core=None, environment={"LLM_GATEWAY_SPOOL_DIR": spool})
        with gateway(to, setup) as process:
            yield Site(process=process, spool=Path(spool))


def _measured(
    sites: Mapping[int, Site], direct: Process, connections: int, effort: Effort, wrk: str | None
) -> dict[int, list[Found]]:
    found: dict[int, list[Found]] = {count: [] for count in sites}
    for number in range(effort.rounds):
        for count in sorted(sites, reverse=number % 2 == 1):
            found[count].append(_round(sites[count], direct, connections, effort.seconds, wrk))
    return found


def _round(site: Site, direct: Process, connections: int, seconds: float, wrk: str | None) -> Found:
    records, ours, theirs = site.records(), site.process.cpu_s(), direct.cpu_s() + _load_s()
    began = time.perf_counter()
    if wrk:
        _run_wrk(wrk, site.process.port, connections, seconds)
    else:
        one_round(site.process, Work(request=plain_request(), connections=connections), seconds)
    elapsed = time.perf_counter() - began
    ours, theirs = site.process.cpu_s() - ours, direct.cpu_s() + _load_s() - theirs
    answers = [after - before for after, before in zip(site.records(), records, strict=True)]
    total = sum(answers)
    return Found(
        rate=total / elapsed,
        gateway_us=ours / total * 1e6,
        around_us=theirs / total * 1e6,
        busiest=max(answers) / total,
    )


def _rows(found: Mapping[int, list[Found]], connections: int) -> list[Row]:
    one = found[1]
    rows = []
    for count, rounds in found.items():
        ours = median(round_.gateway_us for round_ in rounds)
        around = median(round_.around_us for round_ in rounds)
        most = min(count, (os.cpu_count() or 1) * ours / (ours + around))
        times = median(this.rate / that.rate for this, that in zip(rounds, one, strict=True))
        rows.append(
            (
                f"{count} {'worker' if count == 1 else 'workers'}, {connections} connections",
                f"{median(round_.rate for round_ in rounds):.0f}",
                f"{times:.2f}",
                f"{most:.2f}",
                f"{median(round_.busiest for round_ in rounds):.0%}",
                f"{ours:.0f}",
                f"{around:.0f}",
            )
        )
    return rows


def _run_wrk(wrk: str, port: int, connections: int, seconds: float) -> None:
    """Raises RuntimeError when an answer was not 200: wrk does not look into the bodies."""
    head, _, body = plain_request().partition(b"\r\n\r\n")
    fields = [line.split(": ", 1) for line in head.decode().split("\r\n")[1:]]
    # Host and length are wrk's own business, and a request with two hosts is refused.
    kept = [(name, value) for name, value in fields if name not in ("host", "content-length")]
    lines = [f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in kept]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write("\n".join(['wrk.method = "POST"', f"wrk.body = [==[{body.decode()}]==]", *lines]))
        script.flush()
        url = f"http://127.0.0.1:{port}/v1/chat/completions"
        options = ["-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "-s", script.name]
        done = subprocess.run([wrk, *options, url], capture_output=True, text=True, check=True)
    if "Non-2xx" in done.stdout:
        raise RuntimeError(done.stdout)


def _load_s() -> float:
    """CPU time of this program and of the load generators that have ended, seconds."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)
