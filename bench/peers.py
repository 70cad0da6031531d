"""Peers: other gateways, measured in the same rounds when `make bench-peers` has installed them.

Each has a virtual environment of its own under .bench-peers/, none being among the gateway's dependencies.
They are configured to do the same work: one OpenAI-compatible upstream, plain and streamed chat.
"""

from __future__ import annotations

import json
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.load import CLIENT_KEY
from bench.process import Process, running
from bench.servers import SERVER_CORE

_HOME = Path(__file__).resolve().parents[1] / ".bench-peers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """`command(port, upstream, directory)` follows the environment's interpreter."""

    name: str
    package: str
    command: Callable[[int, int, Path], list[str]]
    ready_path: str
    environment: Mapping[str, str] = field(default_factory=dict)
    rewrites: bool = False

    def version(self) -> str | None:
        """Of what is installed; None when it is not."""
        if not self._python.exists():
            return None
        code = f"from importlib.metadata import version; print(version({self.package!r}))"
        done = subprocess.run([self._python, "-c", code], capture_output=True, text=True, check=False)
        return done.stdout.strip() or None

    @contextmanager
    def running(self, to: Process) -> Iterator[Process]:
        """In front of that upstream, on the servers' core, files of its own gone afterwards."""
        port = _free_port()
        with (
            tempfile.TemporaryDirectory(prefix="bench-") as directory,
            running(
                self.command(port, to.port, Path(directory)),
                core=SERVER_CORE,
                ready_path=self.ready_path,
                environment=self.environment,
                python=str(self._python),
                port=port,
                rewrites=self.rewrites,
            ) as process,
        ):
            yield process

    @property
    def _python(self) -> Path:
        return _HOME / self.package / "bin" / "python"


def _sglang(port: int, upstream: int, directory: Path) -> list[str]:
    """The compiled router with its OpenAI backend: it forwards, checks no key and writes nothing down."""
    return [
        *("-m", "sglang_router.launch_router", "--backend", "openai", "--log-level", "warn"),
        *("--worker-urls", f"http://127.0.0.1:{upstream}"),
        *("--host", "127.0.0.1", "--port", str(port), "--prometheus-port", str(_free_port())),
    ]


def _litellm(port: int, upstream: int, directory: Path) -> list[str]:
    """Without a database; the one client key is its master key."""
    target = {"model": "openai/instant", "api_base": f"http://127.0.0.1:{upstream}/v1"}
    configuration = directory / "litellm.yaml"
    configuration.write_text(
        json.dumps(
            {
                "model_list": [
                    {"model_name": "instant", "litellm_params": {**target, "api_key": "bench-upstream-key"}}
                ],
                "litellm_settings": {"telemetry": False},
                "general_settings": {
                    "master_key": CLIENT_KEY,
                    "dangerously_permit_weak_or_unset_master_key": True,
                },
            }
        )
    )
    start = "from litellm import run_server; run_server()"
    return ["-c", start, "--config", str(configuration), "--host", "127.0.0.1", "--port", str(port)]


SGLANG = Peer(name="sglang-router", package="sglang-router", command=_sglang, ready_path="/health")
LITELLM = Peer(
    name="LiteLLM",
    package="litellm",
    command=_litellm,
    ready_path="/health/liveliness",
    environment={
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_LOG": "ERROR",
        # It takes a hundred equal words for a model gone mad, and all of our words are equal.
        "REPEATED_STREAMING_CHUNK_LIMIT": "1000000",
    },
    rewrites=True,
)
PEERS = (SGLANG, LITELLM)


def versions() -> dict[str, str]:
    """By name, of the peers that are installed."""
    return {peer.name: version for peer in PEERS if (version := peer.version())}


def _free_port() -> int:
    """Free a moment ago: neither peer says which port it took when it is given 0."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
