"""A gateway whose provider keys are in Secret Manager (a stand-in on loopback)."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.child import PATIENCE_S, clean_environment
from tests.e2e.gateway_process import COMMAND, running_gateway
from tests.fakes.secret_manager import SecretManagerStandIn, secret_manager

CANARY = "sk-canary-of-the-secret-manager"
FILE = """
providers:
  - {id: one, type: openai_compatible, base_url: "http://127.0.0.1:9", api_key_secret: one-key}
"""


@pytest.fixture
def google() -> Iterator[SecretManagerStandIn]:
    with secret_manager() as stand_in:
        stand_in.secrets = {"openai-api-key": [CANARY]}
        yield stand_in


def test_a_key_of_the_store_makes_a_provider(google: SecretManagerStandIn) -> None:
    """With the metadata server's token; a secret without permission is a provider that is not there."""
    google.denied.add("anthropic-api-key")
    with running_gateway(environment=google.environment()) as gateway:
        assert "provider openai: live" in gateway.stdout and "anthropic" not in gateway.stdout
        shown = httpx.get(f"{gateway.url}/agents/inspect?detailed=true", trust_env=False).text
        assert CANARY not in shown + gateway.stdout + gateway.stderr


def test_the_environment_wins(google: SecretManagerStandIn) -> None:
    """The store is not asked for what the environment has."""
    with running_gateway(environment={**google.environment(), "OPENAI_API_KEY": "sk-mine"}):
        assert not [path for path in google.asked if "openai-api-key" in path]


@pytest.mark.parametrize(
    ("status", "said"), [(None, "has no 'one-key'"), (403, "secretAccessor"), (503, "answered 503")]
)
def test_a_required_secret_that_cannot_be_read_ends_the_start(
    google: SecretManagerStandIn, tmp_path: Path, status: int | None, said: str
) -> None:
    """With what to do about it; exit code 78."""
    google.status = status
    (tmp_path / "gateway.yaml").write_text(FILE)
    done = subprocess.run(
        [*COMMAND, "start", "--config", "gateway.yaml", "--port", "0"],
        cwd=tmp_path,
        env=clean_environment(google.environment()),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 78 and said in done.stderr and done.stderr.count("\n") == 1, done.stderr
