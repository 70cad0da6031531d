"""The servers of a run: instant upstream, bare forwarder, gateway, collector; which core each of them has."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.load import CLIENT_KEY
from bench.process import Process, running

SERVER_CORE, OTHER_CORE = 0, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySetup:
    """Every feature that a request can pass through is on: client keys, rules, affinity, the decision log on
    disk, metrics, usage. All `providers` serve the model; every rule names it, but only the last one's
    headers match. `failing` adds a provider whose model always fails.

    `without` names what is taken out that no setting turns off (see `bench.without`); `module` is what runs
    the command line, with arguments of its own first. `environment` comes on
    top, `core` None lets the workers have every core.
    """

    providers: int = 1
    rules: int = 1
    auth: bool = True
    affinity: bool = True
    access_log: bool = False
    otlp_sample_ratio: float | None = None
    spool_bytes: int = 1 << 30
    failing: bool = False
    workers: int = 1
    core: int | None = SERVER_CORE
    without: tuple[str, ...] = ()
    module: tuple[str, ...] = ("llm_gateway",)
    environment: Mapping[str, str] = field(default_factory=dict)

    def document(self, upstream: int, spool: Path) -> dict[str, Any]:
        """A gateway.yaml; YAML takes it as JSON."""
        telemetry: dict[str, Any] = {"access_log": self.access_log}
        if self.otlp_sample_ratio is not None:
            telemetry["otlp"] = {"sample_ratio": self.otlp_sample_ratio}
        return {
            "auth": self._auth(),
            "audit": {"spool_dir": str(spool), "max_bytes": self.spool_bytes},
            "telemetry": telemetry,
            "providers": [
                *(_provider(f"upstream-{number}", "instant", upstream) for number in range(self.providers)),
                *([_provider("failing", "failing", upstream)] if self.failing else ()),
            ],
            "routing": self._routing(),
        }

    def _auth(self) -> dict[str, Any]:
        digest = hashlib.sha256(CLIENT_KEY.encode()).hexdigest()
        key = {"id": "bench", "sha256": digest, "tenant": "bench"}
        return {"keys": [key]} if self.auth else {"mode": "none"}

    def _routing(self) -> dict[str, Any]:
        rules = [
            {"name": f"rule-{number}", "action": {"strategy": "weighted"}}
            | {"match": {"models": ["instant"], **_unless(number == self.rules - 1)}}
            for number in range(self.rules)
        ]
        affinity = {"affinity": ["user", "prompt_prefix"]} if self.affinity else {}
        return {"strategy": "weighted", "rules": rules, **affinity}


def _provider(name: str, model: str, upstream: int) -> dict[str, Any]:
    base_url = f"http://127.0.0.1:{upstream}/v1"
    account = {"id": name, "type": "openai_compatible", "base_url": base_url}
    return {**account, "models": [model], "api_key": "bench-upstream-key"}


def _unless(last: bool) -> dict[str, Any]:
    return {} if last else {"headers": {"x-tier": "of-nobody"}}


ONE_PROVIDER = GatewaySetup()


@contextmanager
def upstream(core: int | None = OTHER_CORE) -> Iterator[Process]:
    with running(["-m", "bench.upstream"], core=core, ready_path="/") as process:
        yield process


@contextmanager
def forwarder(to: Process) -> Iterator[Process]:
    with running(["-m", "bench.forwarder", str(to.port)], core=SERVER_CORE, ready_path="/") as process:
        yield process


@contextmanager
def collector() -> Iterator[Process]:
    """What telemetry is delivered to."""
    with running(["-m", "bench.collector"], core=OTHER_CORE, ready_path="/") as process:
        yield process


@contextmanager
def gateway(to: Process, setup: GatewaySetup = ONE_PROVIDER) -> Iterator[Process]:
    """`llm-gateway start` as it is shipped, its spool in a directory that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        spool = Path(directory) / "spool"
        configuration = Path(directory) / "gateway.yaml"
        configuration.write_text(json.dumps(setup.document(to.port, spool)))
        module = ("bench.without", *setup.without, "--") if setup.without else setup.module
        command = [
            *("-m", *module, "start", "--config", str(configuration)),
            *("--host", "127.0.0.1", "--port", "0"),
            *("--workers", str(setup.workers), "--log-level", "warning"),
        ]
        with running(
            command,
            core=setup.core,
            ready_path="/ready",
            environment={"PLATFORM_ENV": "prod", **setup.environment},
        ) as process:
            yield process
