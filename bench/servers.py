"""The three servers of a run: instant upstream, bare forwarder, gateway; which core each of them has."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.load import CLIENT_KEY
from bench.process import Process, running

SERVER_CORE, OTHER_CORE = 0, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySetup:
    """Every feature that a request can pass through is on: client keys, rules, affinity, the decision log on
    disk, metrics, usage. All `providers` serve the model; every rule names it, but only the last one's
    headers match."""

    providers: int = 1
    rules: int = 1

    def document(self, upstream: int, spool: Path) -> dict[str, Any]:
        """A gateway.yaml; YAML takes it as JSON."""
        digest = hashlib.sha256(CLIENT_KEY.encode()).hexdigest()
        base_url = f"http://127.0.0.1:{upstream}/v1"
        providers = [
            {"id": f"upstream-{number}", "type": "openai_compatible", "base_url": base_url}
            | {"models": ["instant"], "api_key": "bench-upstream-key"}
            for number in range(self.providers)
        ]
        rules = [
            {"name": f"rule-{number}", "action": {"strategy": "weighted"}}
            | {"match": {"models": ["instant"], **_unless(number == self.rules - 1)}}
            for number in range(self.rules)
        ]
        return {
            "auth": {"keys": [{"id": "bench", "sha256": digest, "tenant": "bench"}]},
            "audit": {"spool_dir": str(spool)},
            "providers": providers,
            "routing": {"strategy": "weighted", "affinity": ["user", "prompt_prefix"], "rules": rules},
        }


def _unless(last: bool) -> dict[str, Any]:
    return {} if last else {"headers": {"x-tier": "of-nobody"}}


ONE_PROVIDER = GatewaySetup()


@contextmanager
def upstream() -> Iterator[Process]:
    with running(["-m", "bench.upstream"], core=OTHER_CORE, ready_path="/") as process:
        yield process


@contextmanager
def forwarder(to: Process) -> Iterator[Process]:
    with running(["-m", "bench.forwarder", str(to.port)], core=SERVER_CORE, ready_path="/") as process:
        yield process


@contextmanager
def gateway(to: Process, setup: GatewaySetup = ONE_PROVIDER) -> Iterator[Process]:
    """`llm-gateway start` as it is shipped, its spool in a directory that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        configuration = Path(directory) / "gateway.yaml"
        configuration.write_text(json.dumps(setup.document(to.port, Path(directory) / "spool")))
        command = [
            "-m",
            "llm_gateway",
            "start",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--log-level",
            "warning",
        ]
        with running(
            [*command, "--config", str(configuration)],
            core=SERVER_CORE,
            ready_path="/ready",
            environment={"PLATFORM_ENV": "prod"},
        ) as process:
            yield process
