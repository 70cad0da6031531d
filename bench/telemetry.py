"""What a gateway can be set up to deliver about its requests, and the check that it was delivered."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.request import ProxyHandler, build_opener

from bench.process import Process

# By title: the variables of each kind of delivery that name where it goes.
KINDS: Mapping[str, tuple[str, ...]] = {
    "decisions delivered to ruvector": ("RUVECTOR_SERVICE_URL",),
    "requests told to LLM-Observatory": ("TELEMETRY_ENDPOINT",),
    "cost told to LLM-CostOps": ("COSTOPS_URL",),
}


def environment(port: int, *kinds: str) -> dict[str, str]:
    """For those kinds, all of them when none is named, going to that port."""
    return {name: f"http://127.0.0.1:{port}" for kind in kinds or KINDS for name in KINDS[kind]}


def check_delivered(collector: Process, what: str) -> None:
    """Raises RuntimeError when nothing came: a delivery that does not happen costs nothing."""
    with build_opener(ProxyHandler({})).open(f"http://127.0.0.1:{collector.port}/", timeout=5) as answer:
        if int(answer.read()) == 0:
            raise RuntimeError(f"{what}: nothing was delivered")
