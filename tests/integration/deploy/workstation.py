"""Workstation: an operator's PATH with `gcloud`, `docker` and `curl` that record each call."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
SCRIPTS = ROOT / "deploy" / "scripts"
STAND_IN = Path(__file__).with_name("gcloud_stand_in.py")
DIGEST = "gcr.io/agentics-dev/llm-inference-gateway@sha256:" + "a" * 64
SECRETS = {
    "ruvector-api-key": "r-1",
    "openai-api-key": "o-1",
    "anthropic-api-key": "a-1",
    "gateway-client-keys": "client-key-1,client-key-2",
}
_RECORD = """#!/bin/sh
call={name}
for argument; do call="$call\x1f$argument"; done
printf '%s\\n' "$call" >> {calls}
"""


class Workstation:
    """`world` is what the stand-in for Google Cloud holds; assign to `update` before a script runs."""

    def __init__(self, directory: Path, url: str = "http://127.0.0.1:1") -> None:
        self._directory = directory
        self._bin = directory / "bin"
        self._bin.mkdir(parents=True)
        self._shim("docker", '[ "${DOCKER_FAILS-}" != "$1" ]')
        self._shim("curl", f'exec {shutil.which("curl")} "$@"')
        gcloud = self._bin / "gcloud"
        gcloud.write_text(f'#!/bin/sh\nexec "{sys.executable}" -IS "{STAND_IN}" "$@"\n')
        gcloud.chmod(0o755)
        self.save(
            {
                "projects": ["agentics-dev", "agentics-prod"],
                "configured_project": "agentics-dev",
                "secrets": dict(SECRETS),
                "accounts": [],
                "roles": [],
                "image": DIGEST,
                "url": url,
                "traffic": [],
                "revisions": [],
                "manifests": [],
                "callers": ["allUsers"],
                "identity_token": "an-identity-token",
                "failing": [],
            }
        )

    def _shim(self, name: str, then: str) -> None:
        path = self._bin / name
        head = _RECORD.format(calls=shlex.quote(str(self._directory / "calls")), name=name)
        path.write_text(f"{head}{then}\n")
        path.chmod(0o755)

    @property
    def world(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads((self._directory / "world.json").read_text())
        return loaded

    def save(self, world: Mapping[str, Any]) -> None:
        (self._directory / "world.json").write_text(json.dumps(world))

    def update(self, **changes: Any) -> None:
        self.save({**self.world, **changes})

    def run(self, command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """A shell command in the repository's root, without a terminal; standard input is empty."""
        path = os.pathsep.join((str(self._bin), str(Path(sys.executable).parent), "/usr/bin", "/bin"))
        return subprocess.run(
            ["bash", "-c", command],
            cwd=ROOT,
            env={
                "PATH": path,
                "HOME": str(self._directory),
                "TMPDIR": str(self._directory),
                "STAND_IN_HOME": str(self._directory),
                "STAND_IN_PACKAGES": sysconfig.get_path("purelib"),
                "VERIFY_PATIENCE_S": "10",
                "NO_COLOR": "1",
                **environment,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def calls(self, program: str = "gcloud") -> list[str]:
        """What was called, as it would be typed."""
        recorded = self._directory / "calls"
        lines = recorded.read_text().splitlines() if recorded.exists() else []
        split = [line.split("\x1f") for line in lines]
        return [shlex.join(call[1:]) for call in split if call[0] == program]

    def changes(self) -> list[str]:
        """The calls that change something, by their first words."""
        words = (
            "create",
            "add-iam-policy-binding",
            "remove-iam-policy-binding",
            "replace",
            "update-traffic",
            "deploy",
            "submit",
        )
        return [call for call in self.calls() if set(call.split()[:4]) & set(words)]

    def serving(self) -> list[str]:
        """The revisions that have traffic."""
        return [entry["revisionName"] for entry in self.world["traffic"] if entry.get("percent")]
