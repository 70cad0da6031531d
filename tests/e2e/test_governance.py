"""The started gateway tells the platform's governance what an auditor has to know, and nothing else."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from tests.e2e.child import wait_for
from tests.e2e.gateway_process import GatewayProcess, running_gateway
from tests.e2e.lab_process import LabProcess
from tests.fakes.governance_service import GovernanceService, running_governance
from tests.samples.webhooks import SECRET, compact, headers, payload, weight

KEY = "the-client-key-of-this-test"
PROMPT = "a prompt that nobody is told"
CONFIGURATION = """
providers:
  - {{id: one, type: openai_compatible, base_url: "{lab}/v1", api_key: upstream-key, models: ["*"]}}
resilience:
  retry: {{max_attempts: 1}}
  circuit_breaker: {{failure_threshold: 1, min_requests: 1, open_for: 300s}}
"""
SCHEMA = Path(__file__).parents[2] / "docs" / "schemas" / "compliance-event.schema.json"


@pytest.fixture
def governance() -> Iterator[GovernanceService]:
    with running_governance() as service:
        yield service


def environment(governance: GovernanceService) -> dict[str, str]:
    return {
        "GOVERNANCE_ENDPOINT": governance.url,
        "OPTIMIZER_WEBHOOK_SECRET": SECRET,
        "LLM_GATEWAY_API_KEYS": KEY,
    }


def chat(gateway: GatewayProcess, model: str, key: str = KEY) -> httpx.Response:
    return httpx.post(
        f"{gateway.url}/v1/chat/completions",
        json={"model": model, "messages": [{"role": "user", "content": PROMPT}]},
        headers={"Authorization": f"Bearer {key}"},
        trust_env=False,
    )


def update(gateway: GatewayProcess, event_id: str, value: int) -> httpx.Response:
    document = payload(event_id, weight(value))
    return httpx.post(
        f"{gateway.url}/agents/rules/updates",
        content=compact(document).encode(),
        headers=headers(document),
        trust_env=False,
    )


def first(governance: GovernanceService, action: str, **members: str) -> dict[str, Any]:
    """The first payload of the action with these members, when it comes."""

    def found() -> dict[str, Any] | None:
        for told in governance.payloads(action):
            if members.items() <= told.items():
                return told
        return None

    return wait_for(found)


def metric(gateway: GatewayProcess, name: str) -> float:
    page = httpx.get(f"{gateway.url}/metrics", trust_env=False).text
    found = re.search(rf"^{re.escape(name)} (\S+)$", page, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_each_action_is_told(governance: GovernanceService, lab: LabProcess) -> None:
    """In the platform's envelope; from the start to the end; without keys and texts."""
    text = CONFIGURATION.format(lab=lab.url)
    with running_gateway(configuration=text, environment=environment(governance)) as gateway:
        started = first(governance, "system.startup")
        for _ in range(50):
            assert chat(gateway, "one/echo", "a-wrong-key").status_code == 401
        assert chat(gateway, "one/500").status_code == 500
        assert chat(gateway, "one/429+retry-after=60").status_code == 429
        assert update(gateway, "e1", 7).status_code == 200
        assert update(gateway, "e2", 0).status_code == 422
        (gateway.directory / "gateway.yaml").write_text("providers: nonsense")
        refused = first(governance, "config.change", outcome="failure")
        gateway.stop()
    assert started["metadata"]["version"]
    (failure, *more) = governance.payloads("auth.failure")
    assert (failure["principal"], failure["metadata"]["reason"]) == ("anonymous", "unknown")
    assert sum(told["metadata"]["count"] for told in (failure, *more)) == 50
    assert len(more) == 1
    opened = governance.payloads("circuit_breaker.change")[0]
    assert (opened["resource"], opened["outcome"]) == ("one/500", "open")
    cooling = governance.payloads("provider.health_change")[0]
    assert (cooling["resource"], cooling["outcome"]) == ("one/429+retry-after=60", "cooling")
    admin = [(told["outcome"], told["metadata"]["event_id"]) for told in governance.payloads("admin.action")]
    assert sorted(admin) == [("failure", "e2"), ("success", "e1")]  # several calls run at once
    changed = first(governance, "config.change", principal="llm-auto-optimizer")
    assert (changed["outcome"], changed["metadata"]["trigger"]) == ("success", "optimizer e1")
    assert (refused["principal"], "gateway.yaml" in refused["metadata"]["trigger"]) == ("operator", True)
    (ended,) = governance.payloads("system.shutdown")
    assert ended["timestamp"] == max(told["timestamp"] for told in governance.payloads())
    validator = Draft202012Validator(json.loads(SCHEMA.read_text()), format_checker=FormatChecker())
    for event in governance.events:
        validator.validate(event)
    told = json.dumps(governance.events)
    for secret in (KEY, SECRET, PROMPT, "a-wrong-key", "upstream-key"):
        assert secret not in told


def test_two_workers_begin_and_end_by_themselves(governance: GovernanceService) -> None:
    """Each says which it is."""
    with running_gateway("--lab", "--workers", "2", environment=environment(governance)) as gateway:
        wait_for(lambda: len(governance.payloads("system.startup")) == 2)
        gateway.signal(signal.SIGTERM)
        assert gateway.exit_code() == 0
    for action in ("system.startup", "system.shutdown"):
        assert len({told["metadata"]["worker"] for told in governance.payloads(action)}) == 2


def test_what_happened_while_it_was_away_arrives(governance: GovernanceService, lab: LabProcess) -> None:
    """In order; a denied request under the id of its decision."""
    governance.mode = "503"
    # Nobody listens there, and without its word nothing is allowed.
    policy = {"POLICY_ENGINE_URL": "http://127.0.0.1:9"}
    text = CONFIGURATION.format(lab=lab.url) + "policy: {on_failure: closed}\n"
    with running_gateway(configuration=text, environment={**environment(governance), **policy}) as gateway:
        wait_for(lambda: governance.calls > 0)
        governance.mode = "garbage"
        denied = chat(gateway, "one/echo")
        governance.mode = "up"
        told = first(governance, "policy.denied")
        assert (denied.status_code, told["resource"]) == (403, "one/echo")
        assert denied.headers["x-decision-id"] in {event["execution_id"] for event in governance.events}
        assert governance.payloads()[0]["action"] == "system.startup"
        delivered = 'llm_gateway_telemetry_delivered_total{sink="governance"}'
        wait_for(lambda: metric(gateway, delivered) >= 2)
