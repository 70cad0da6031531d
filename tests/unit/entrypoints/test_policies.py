"""Who is asked before routing, by what settings and configuration say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llm_gateway.adapters.metrics.exposition import merged
from llm_gateway.adapters.metrics.policy_metrics import PolicyMetrics
from llm_gateway.adapters.metrics.shared_cells import SharedCells
from llm_gateway.adapters.metrics.traffic import SharedTraffic
from llm_gateway.application.active_configuration import ActiveConfiguration
from llm_gateway.application.configuration import GatewayConfiguration, PolicySettings
from llm_gateway.application.consult_policies import ConsultPolicies
from llm_gateway.application.live_configuration import LiveConfiguration, ReloadResult
from llm_gateway.application.secret import Secret
from llm_gateway.application.standing_verdicts import PolicyTerms
from llm_gateway.domain.errors import ConfigurationError
from llm_gateway.entrypoints.container.policies import consult_policies, policy_terms
from llm_gateway.entrypoints.settings import Settings, load_settings
from tests.fakes.clock import FakeClock


def settings(**given: Any) -> Settings:
    return Settings().model_copy(update=given)


def consult(directory: Path, **given: Any) -> ConsultPolicies | None:
    configuration = GatewayConfiguration()
    active = ActiveConfiguration(
        configuration=configuration,
        snapshot=configuration.snapshot(),
        text="",
        digest="",
        origin="",
        since=0.0,
    )
    result = ReloadResult(status="accepted", trigger="start", at=0.0, snapshot_hash="")
    metrics = PolicyMetrics(SharedCells(directory, 0))
    return consult_policies(settings(**given), LiveConfiguration(active, result), FakeClock(), metrics)


def test_nothing_configured_is_nobody_at_all(tmp_path: Path) -> None:
    """A request does not even go by."""
    assert consult(tmp_path) is None
    assert SharedTraffic(tmp_path).totals().policy_checks == {}


def test_each_url_is_a_peer(tmp_path: Path) -> None:
    """With its counters at zero from the start."""
    found = consult(tmp_path, policy_engine_url="http://e", shield_url="https://s/base")
    assert found is not None
    assert found.endpoints() == {
        "policy-engine": "http://e/v1/policy-engine/enforce",
        "shield": "https://s/base/v1/scan/prompt",
    }
    assert SharedTraffic(tmp_path).totals().policy_checks["shield"] == {"allow": 0, "deny": 0}


@pytest.mark.parametrize("name", ["policy_engine_url", "shield_url"])
def test_a_url_that_is_none_is_a_configuration_error(tmp_path: Path, name: str) -> None:
    """Found when the process is built; named by its variable."""
    with pytest.raises(ConfigurationError, match=f"{name.upper()} must look like"):
        consult(tmp_path, **{name: "engine:80"})


@pytest.mark.parametrize(("env", "mode"), [("dev", "open"), ("staging", "closed"), ("prod", "closed")])
def test_who_does_not_say_fails_open_in_dev_only(env: str, mode: str) -> None:
    """What is said holds everywhere."""
    said = GatewayConfiguration(policy=PolicySettings(on_failure="open", timeout=0.1, cache_ttl=5.0))
    assert policy_terms(settings(platform_env=env), GatewayConfiguration()).on_failure == mode
    terms = policy_terms(settings(platform_env=env), said)
    assert terms == PolicyTerms(on_failure="open", timeout=0.1, cache_ttl=5.0)


def test_answers_are_counted_by_peer_and_result(tmp_path: Path) -> None:
    """In the cells that every worker can read."""
    metrics = PolicyMetrics(SharedCells(tmp_path, 0))
    for result in ("allow", "allow", "timeout"):
        metrics.checked("shield", result)
    assert SharedTraffic(tmp_path).totals().policy_checks == {"shield": {"allow": 2, "timeout": 1}}
    assert "llm_gateway_policy_checks_total" in merged(tmp_path)


def test_the_shared_secret_does_not_show_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Empty variables are not set."""
    monkeypatch.setenv("GATEWAY_SHARED_SECRET", "hush")
    monkeypatch.setenv("SHIELD_URL", "")
    found = load_settings()
    assert (found.gateway_shared_secret, found.shield_url) == (Secret("hush"), None)
    assert "hush" not in repr(found)
