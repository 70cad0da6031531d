"""Peers that a gateway can be set up to ask or to tell about its requests, and the check that it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.request import ProxyHandler, build_opener

from bench.process import Process


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`address` are the variables that say where it goes, `more` those that make it what its title says.

    `all_the_time`: it is told of ordinary requests, so that there is something to see when it is away.
    """

    title: str
    address: tuple[str, ...]
    more: Mapping[str, str] = field(default_factory=dict)
    all_the_time: bool = False
    silent: bool = False

    def environment(self, port: int) -> dict[str, str]:
        return {**dict.fromkeys(self.address, f"http://127.0.0.1:{port}"), **self.more}


def _traces(title: str, sampler: str = "", *, silent: bool = False, all_the_time: bool = False) -> Kind:
    more = {"OTEL_ENABLED": "true", **({"OTEL_TRACES_SAMPLER": sampler} if sampler else {})}
    address = ("OTEL_EXPORTER_OTLP_ENDPOINT",)
    return Kind(title=title, address=address, more=more, silent=silent, all_the_time=all_the_time)


KINDS: tuple[Kind, ...] = (
    Kind(title="decisions delivered to ruvector", address=("RUVECTOR_SERVICE_URL",), all_the_time=True),
    Kind(title="requests told to LLM-Observatory", address=("TELEMETRY_ENDPOINT",), all_the_time=True),
    Kind(title="cost told to LLM-CostOps", address=("COSTOPS_URL",), all_the_time=True),
    _traces("traces, request not sampled", "always_off", silent=True),
    _traces("traces, one request in ten sampled", all_the_time=True),
    _traces("traces, every request sampled", "always_on"),
    Kind(title="LLM-Policy-Engine's verdict, kept", address=("POLICY_ENGINE_URL",)),
    Kind(title="LLM-Shield's verdict, kept", address=("SHIELD_URL",)),
    Kind(title="governance listening (nothing to tell)", address=("GOVERNANCE_ENDPOINT",), silent=True),
)


def everything(port: int) -> dict[str, str]:
    """Variables that have ordinary requests told to every peer at that port."""
    return {
        name: value for kind in KINDS if kind.all_the_time for name, value in kind.environment(port).items()
    }


def check_told(collector: Process, what: str) -> None:
    """Raises RuntimeError when nothing came: a delivery that does not happen costs nothing."""
    with build_opener(ProxyHandler({})).open(f"http://127.0.0.1:{collector.port}/", timeout=5) as answer:
        if int(answer.read()) == 0:
            raise RuntimeError(f"{what}: nothing was delivered")
