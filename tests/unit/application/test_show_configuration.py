"""What is shown of a configuration."""

from __future__ import annotations

import json
from dataclasses import fields, replace

from llm_gateway.application.configuration import GatewayConfiguration
from llm_gateway.application.secret import MASK, Secret
from llm_gateway.application.show_configuration import show_configuration
from tests.fakes.configuration_stores import ONE, OPENAI


def test_credentials_are_masked_and_their_origin_is_told() -> None:
    """Key and header values never appear; names and the reference do."""
    account = replace(
        OPENAI,
        api_key=Secret("hunter2"),
        credential_reference="env:OPENAI_API_KEY",
        headers=(("x-team", "hunter3"),),
        options={"token": "hunter4"},
    )
    shown = show_configuration(replace(ONE, providers=(account,)))
    assert "hunter" not in json.dumps(shown)
    assert shown["providers"][0]["api_key"] == MASK
    assert shown["providers"][0]["credential_reference"] == "env:OPENAI_API_KEY"
    assert shown["providers"][0]["headers"] == {"x-team": MASK}


def test_headers_that_rules_add_are_masked_too() -> None:
    """They travel upstream like credentials do."""
    assert show_configuration(ONE)["routing"]["rules"][0]["action"]["add_headers"] == {"x-tier": MASK}


def test_defaults_are_shown_as_they_would_be_written() -> None:
    """Durations with their unit."""
    shown = show_configuration(GatewayConfiguration())
    assert shown["resilience"]["retry"]["base_delay"] == "100ms"
    assert shown["server"]["drain_timeout"] == "30s"
    assert shown["audit"]["max_bytes"] == 2**30


def test_every_section_and_setting_is_shown() -> None:
    """One that is forgotten here would be invisible to who runs the gateway."""
    shown = show_configuration(ONE)
    for section in ("audit", "server", "telemetry", "auth", "routing"):
        assert set(shown[section]) == {field.name for field in fields(getattr(ONE, section))}
    for part in ("retry", "circuit_breaker", "bulkhead"):
        assert set(shown["resilience"][part]) == {
            field.name for field in fields(getattr(ONE.resilience, part))
        }
