"""The environment as settings."""

from __future__ import annotations

import pytest

from llm_gateway.domain.errors import ConfigurationError
from llm_gateway.entrypoints.settings import Settings, load_settings

CONTRACT = {
    "SERVICE_NAME",
    "SERVICE_VERSION",
    "PLATFORM_ENV",
    "RUVECTOR_SERVICE_URL",
    "RUVECTOR_API_KEY",
    "TELEMETRY_ENDPOINT",
    "OTEL_ENABLED",
    "OTEL_SERVICE_NAME",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OPENAI_API_KEY",
    "ANTHROPIC_API_KEY",
    "GOOGLE_API_KEY",
    "PORT",
    "K_SERVICE",
    "K_REVISION",
    "LLM_GATEWAY_CONFIG",
    "LLM_GATEWAY_API_KEYS",
    "LLM_GATEWAY_AUTH",
    "LLM_GATEWAY_SPOOL_DIR",
    "LLM_GATEWAY_WORKERS",
    "COSTOPS_URL",
    "POLICY_ENGINE_URL",
    "SHIELD_URL",
    "GOVERNANCE_ENDPOINT",
    "OPTIMIZER_WEBHOOK_SECRET",
    "GOOGLE_CLOUD_PROJECT",
}


def test_every_variable_of_the_contract_is_there() -> None:
    variables = {str(field.validation_alias or name.upper()) for name, field in Settings.model_fields.items()}
    assert variables >= CONTRACT


def test_an_unknown_setting_is_named_with_the_nearest_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_GATEWAY_WORKRS", "2")
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert caught.value.path == "LLM_GATEWAY_WORKRS"
    assert "LLM_GATEWAY_WORKERS" in str(caught.value.hint)


def test_a_bad_value_names_its_variable_and_never_shows_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLATFORM_ENV", "production-value")
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert "PLATFORM_ENV" in caught.value.message
    assert "production-value" not in caught.value.message


def test_the_command_line_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9000")
    assert (load_settings().port, load_settings(port=9001).port) == (9000, 9001)


def test_secrets_do_not_show_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    monkeypatch.setenv("LLM_GATEWAY_API_KEYS", "sk-canary, sk-canary-2")
    settings = load_settings()
    assert "canary" not in repr(settings) + str(settings) + settings.model_dump_json(
        exclude={"openai_api_key", "api_keys"}
    )
    assert [key.reveal() for key in settings.api_keys] == ["sk-canary", "sk-canary-2"]


@pytest.mark.parametrize("stated", ["1.4.0", "v1.4.0"])
def test_events_carry_the_stated_version(stated: str) -> None:
    """Without the `v` that tags have; everything else shows it as it was stated."""
    settings = Settings(service_version=stated)
    assert (settings.agent_version, settings.version) == ("1.4.0", stated)


@pytest.mark.parametrize("stated", ["latest", "dev", "1.0", "1.0.0-" + "a" * 40])
def test_a_version_that_no_event_may_carry_gives_way(stated: str) -> None:
    """Events then carry the package's; the stated one stays for the probes."""
    settings = Settings(service_version=stated)
    assert (settings.agent_version, settings.version) == (Settings(service_version="").version, stated)
