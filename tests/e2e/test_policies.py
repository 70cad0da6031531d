"""A started gateway that asks Policy-Engine and Shield, both on a real socket, before it routes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.e2e.gateway_process import GatewayProcess, running_gateway
from tests.e2e.lab_process import LabProcess
from tests.fakes.policy_peers import PolicyPeers

FILE = """
routing: {strategy: priority, aliases: {fast: [one/echo, two/echo]}}
policy: {timeout: 2s, cache_ttl: 60s, on_failure: %s}
"""
SECRET = "shared-with-shield"


@pytest.fixture
async def peers() -> AsyncIterator[PolicyPeers]:
    found = PolicyPeers()
    async with found.server:
        yield found


@contextmanager
def asking(lab: LabProcess, origin: str, *names: str, on_failure: str = "closed") -> Iterator[GatewayProcess]:
    providers = lab.provider("one", type="openai") + lab.provider("two", type="anthropic")
    environment = {**dict.fromkeys(names, origin), "GATEWAY_SHARED_SECRET": SECRET}
    configuration = f"providers:\n{providers}{FILE % on_failure}"
    with running_gateway(configuration=configuration, environment=environment) as started:
        yield started


async def chat(gateway: GatewayProcess, text: str = "hello", **more: Any) -> httpx.Response:
    body = {"model": "fast", "max_tokens": 50, "messages": [{"role": "user", "content": text}], **more}
    async with httpx.AsyncClient(base_url=gateway.url, trust_env=False) as client:
        return await client.post("/v1/chat/completions", json=body)


async def plan(gateway: GatewayProcess, **more: Any) -> httpx.Response:
    """A dry run: the same use case, which says what would happen."""
    body = {"request": {"model": "fast", **more}, "dry_run": True}
    async with httpx.AsyncClient(base_url=gateway.url, trust_env=False) as client:
        return await client.post("/agents/route", json=body)


async def get(gateway: GatewayProcess, path: str) -> Any:
    async with httpx.AsyncClient(base_url=gateway.url, trust_env=False) as client:
        return (await client.get(path)).json()


async def decided(gateway: GatewayProcess, answer: httpx.Response) -> tuple[str, list[tuple[str, str]]]:
    """The type of the answer's event, and its policies."""
    found = await get(gateway, f"/v1/decisions/{answer.headers['x-decision-id']}")
    event = found["decision_event"]
    constraints = [item for item in event["constraints_applied"] if item["type"] == "policy"]
    return event["decision_type"], [(item["policy_id"], item["effect"]) for item in constraints]


async def test_the_engine_steers_requests(lab: LabProcess, peers: PolicyPeers) -> None:
    """Allowed, then one target denied, then all; asked once for each while the verdicts stand."""
    with asking(lab, peers.server.origin, "POLICY_ENGINE_URL") as gateway:
        first = [await chat(gateway) for _ in range(3)]
        assert [answer.headers["x-gateway-provider"] for answer in first] == ["one"] * 3
        assert await decided(gateway, first[0]) == ("route_select", [("policy-engine", "allow")])
        assert len(peers.posts) == 2

        peers.denied = {"openai"}
        second = await chat(gateway, max_tokens=51)
        assert (second.status_code, second.headers["x-gateway-provider"]) == (200, "two")
        policies = [("policy-engine:denied", "deny"), ("policy-engine", "allow")]
        assert await decided(gateway, second) == ("route_select", policies)
        planned = await plan(gateway, max_tokens=51, messages=[{"role": "user", "content": "hello"}])
        assert planned.json()["output"]["provider_id"] == "two"

        peers.denied = {"openai", "anthropic"}
        third = await chat(gateway, max_tokens=52, stream=True)
        assert (third.status_code, third.json()["error"]["code"]) == (403, "policy_denied")
        assert third.json()["error"]["message"] == "denied by policy-engine:denied: denied is violated"
        assert await decided(gateway, third) == ("route_reject", [("policy-engine:denied", "deny")])
        status = await get(gateway, "/agents/status")
        assert status["policies"]["policy-engine"]["checks"] == {"allow": 3, "deny": 3}


@pytest.mark.parametrize(
    ("mode", "status", "policy"),
    [
        ("open", 200, ("policy-engine:fail_open", "skip")),
        ("closed", 403, ("policy-engine:fail_closed", "deny")),
    ],
)
async def test_without_the_engine_configuration_decides(
    lab: LabProcess, mode: str, status: int, policy: tuple[str, str]
) -> None:
    """Nobody listens there; the event says that no policy was looked at."""
    with asking(lab, "http://127.0.0.1:9", "POLICY_ENGINE_URL", on_failure=mode) as gateway:
        answer = await chat(gateway)
        assert answer.status_code == status
        assert (await decided(gateway, answer))[1] == [policy]


async def test_shield_sees_the_prompt_and_nobody_else_does(lab: LabProcess, peers: PolicyPeers) -> None:
    """A prompt that does not pass goes nowhere; neither it nor the shared secret is in any log or event."""
    with asking(lab, peers.server.origin, "SHIELD_URL") as gateway:
        good, bad = await chat(gateway, "a poem"), await chat(gateway, "an attack")
        assert (good.status_code, bad.status_code) == (200, 403)
        assert await decided(gateway, good) == ("route_select", [("shield", "allow")])
        assert await decided(gateway, bad) == ("route_reject", [("shield", "deny")])
        written = gateway.stderr + "".join(
            path.read_text(errors="replace") for path in gateway.directory.rglob("*.jsonl")
        )
    assert "an attack" not in written and SECRET not in written
    assert [body["prompt"] for _, _, body in peers.posts] == ["a poem", "an attack"]
    assert all(headers["x-caller-signature"] for _, headers, _ in peers.posts)
