"""Peers that a gateway can be set up to ask or to tell about its requests, and the check that it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.request import ProxyHandler, build_opener

from bench.process import Process


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`address` are the variables that say where it goes, `more` those that make it what its title says.

    Of ordinary requests a peer hears of many, is asked a question now and then, or hears nothing.
    """

    title: str
    address: str
    more: Mapping[str, str] = field(default_factory=dict)
    hears: Literal["requests", "questions", "nothing"] = "requests"

    def environment(self, port: int) -> dict[str, str]:
        return {self.address: f"http://127.0.0.1:{port}", **self.more}


def _traces(
    title: str, sampler: Mapping[str, str], hears: Literal["requests", "nothing"] = "requests"
) -> Kind:
    more = {"OTEL_ENABLED": "true", **sampler}
    return Kind(title=title, address="OTEL_EXPORTER_OTLP_ENDPOINT", more=more, hears=hears)


_USUAL = (
    Kind(title="decisions delivered to ruvector", address="RUVECTOR_SERVICE_URL"),
    Kind(title="requests told to LLM-Observatory", address="TELEMETRY_ENDPOINT"),
    Kind(title="cost told to LLM-CostOps", address="COSTOPS_URL"),
    _traces("traces, one request in ten sampled", {}),
)
KINDS = (
    *_USUAL,
    _traces("traces, every request sampled", {"OTEL_TRACES_SAMPLER": "always_on"}),
    _traces("traces, no request sampled", {"OTEL_TRACES_SAMPLER": "always_off"}, "nothing"),
    Kind(title="LLM-Policy-Engine, verdict kept", address="POLICY_ENGINE_URL", hears="questions"),
    Kind(title="LLM-Shield, verdict kept", address="SHIELD_URL", hears="questions"),
    Kind(title="governance, nothing to tell", address="GOVERNANCE_ENDPOINT", hears="nothing"),
)


def everything(port: int) -> dict[str, str]:
    """Variables that have ordinary requests told to every peer, as is usual, at that port."""
    return {name: value for kind in _USUAL for name, value in kind.environment(port).items()}


def check_told(collector: Process, what: str) -> None:
    """Raises RuntimeError when nothing came: a delivery that does not happen costs nothing."""
    with build_opener(ProxyHandler({})).open(f"http://127.0.0.1:{collector.port}/", timeout=5) as answer:
        if int(answer.read()) == 0:
            raise RuntimeError(f"{what}: nothing was delivered")
