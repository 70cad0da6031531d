"""A started gateway that verification passes on, and a workstation to deploy from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.gateway_process import GatewayProcess, running_gateway
from tests.integration.deploy.workstation import Workstation


@pytest.fixture(scope="session")
def verified_gateway() -> Iterator[GatewayProcess]:
    """As `deploy.sh --env dev` finds it: with a client key, in dev."""
    with running_gateway("--lab", environment={"LLM_GATEWAY_API_KEYS": "client-key-1"}) as started:
        yield started


@pytest.fixture
def workstation(tmp_path: Path, verified_gateway: GatewayProcess) -> Workstation:
    """Whose Cloud Run answers at the started gateway's address."""
    return Workstation(tmp_path / "workstation", verified_gateway.url)
