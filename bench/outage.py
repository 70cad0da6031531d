"""Outage: what a request costs, and how many are answered, while every service that is told of it is away."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from dataclasses import replace
from statistics import median

from bench.load import plain_request
from bench.rounds import Round, Work, interleaved, median_cpu_us
from bench.servers import ONE_PROVIDER, collector, gateway, upstream
from bench.table import Effort, Row, Table
from bench.telemetry import check_told, everything

_PLAIN = Work(request=plain_request(), connections=32)


def outage(effort: Effort) -> Table:
    """All peers up, all of them down (connections refused), none configured."""
    with ExitStack() as stack:
        direct = stack.enter_context(upstream())
        up = stack.enter_context(collector())
        environments = {"up": everything(up.port), "down": everything(_closed_port()), "none": {}}
        servers = {
            name: stack.enter_context(gateway(direct, replace(ONE_PROVIDER, environment=variables)))
            for name, variables in environments.items()
        }
        found = interleaved(servers, _PLAIN, rounds=effort.rounds, seconds=effort.seconds, settling=("up",))
        check_told(up, "all peers up")
    rows = [
        _row("all peers up", found["up"], found["up"]),
        _row("all peers down", found["down"], found["up"]),
        _row("no peer configured", found["none"], found["up"]),
    ]
    titles = ("", "answers a second", "of those with peers up", "CPU µs per request, delivery included")
    return Table(heading="Peers down", titles=titles, rows=rows)


def _row(title: str, rounds: list[Round], up: list[Round]) -> Row:
    share = median(one.rate / other.rate for one, other in zip(rounds, up, strict=True))
    return title, f"{median(one.rate for one in rounds):.0f}", f"{share:.0%}", f"{median_cpu_us(rounds):.1f}"


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
