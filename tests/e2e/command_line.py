"""The commands that ask a running gateway, as a user runs them."""

from __future__ import annotations

import subprocess

from tests.e2e.child import PATIENCE_S, clean_environment
from tests.e2e.gateway_process import COMMAND, GatewayProcess

NOWHERE = "http://127.0.0.1:9"


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        env=clean_environment(environment),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )


def said(gateway: GatewayProcess, *arguments: str) -> str:
    """Standard output of a command that succeeds and has nothing to complain about."""
    done = command("--url", gateway.url, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout
