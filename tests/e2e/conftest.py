"""Processes that tests share; a test that changes a process's state starts its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import openai
import pytest

from tests.e2e.canaries import overheard
from tests.e2e.gateway_process import GatewayProcess, running_gateway
from tests.e2e.lab_process import LabProcess, running_lab


@pytest.fixture(scope="session", autouse=True)
def canaries() -> Iterator[None]:
    """Whatever a gateway of the suite answers is searched for the secrets that it was given."""
    with overheard():
        yield


@pytest.fixture(scope="session")
def gateway() -> Iterator[GatewayProcess]:
    """With the embedded lab and no configuration file: what `make run` starts."""
    with running_gateway("--lab") as started:
        yield started


@pytest.fixture(scope="session")
def lab() -> Iterator[LabProcess]:
    with running_lab() as started:
        yield started


@pytest.fixture
def http(gateway: GatewayProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=gateway.url, trust_env=False) as client:
        yield client


@pytest.fixture
def client(gateway: GatewayProcess) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key="unused", max_retries=0) as made:
        yield made


@pytest.fixture
async def async_client(gateway: GatewayProcess) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=f"{gateway.url}/v1", api_key="unused", max_retries=0) as made:
        yield made
