"""Retries of the client's SDK and the gateway's own do not multiply; a bad minute is not made worse."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import openai
import pytest

from llm_gateway.application.configuration import GatewayConfiguration
from llm_gateway.domain.circuit_breaker import BreakerPolicy
from tests.integration.resilience.rig import MODEL, RETRY, Rig, rig

FLOOR = 3  # RetryBudget's own


def never_breaking(configuration: GatewayConfiguration) -> GatewayConfiguration:
    breaker = BreakerPolicy(failure_threshold=10_000, min_requests=10_000)
    return replace(configuration, resilience=replace(configuration.resilience, circuit_breaker=breaker))


async def with_sdk(bench: Rig, *, max_retries: int) -> None:
    async with openai.AsyncOpenAI(
        base_url=f"{bench.url}/v1", api_key="unused", max_retries=max_retries
    ) as client:
        with pytest.raises(openai.InternalServerError):
            await client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "hi"}])


@pytest.mark.parametrize("said", ["1", "2"])
async def test_a_retrying_client_is_not_retried_for(tmp_path: Path, said: str) -> None:
    """`x-stainless-retry-count`: one call per target."""
    async with rig(tmp_path, "500", fallback=False) as bench:
        view = await bench.ask(stream=False, headers={"X-Stainless-Retry-Count": said})
        assert view.attempts() == ["one/m=rejected:500"]


async def test_the_sdk_adds_its_own_calls_only(tmp_path: Path) -> None:
    """Two of the gateway for the first request, then one for each retry of the SDK."""
    async with rig(tmp_path, "500", fallback=False) as bench:
        await with_sdk(bench, max_retries=2)
        assert len(bench.called()) == RETRY.max_attempts + 2


async def test_many_failing_requests_stay_within_the_budget(tmp_path: Path) -> None:
    """A fifth more calls than requests, and a floor of three, however many attempts each may make."""
    retry = replace(RETRY, max_attempts=5)
    async with rig(tmp_path, "500", fallback=False, retry=retry, configure=never_breaking) as bench:
        await asyncio.gather(*(bench.ask(stream=False) for _ in range(50)))
        assert 50 < len(bench.called()) <= 50 + FLOOR + RETRY.budget_ratio * 50


async def test_a_dead_provider_is_left_alone(tmp_path: Path) -> None:
    """Its breaker opens, and then nothing is sent to it; the other one answers every request."""
    async with rig(tmp_path, "500") as bench:
        views = [await bench.ask(stream=False) for _ in range(30)]
        assert {view.ending() for view in views} == {"answer"}
        assert bench.called().count("one") < 30
        assert bench.called()[-10:] == ["two"] * 10
