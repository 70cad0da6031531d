"""What is set and makes no difference."""

from __future__ import annotations

import os

import pytest

from llm_gateway.application.configuration import GatewayConfiguration, OtlpSettings, TelemetrySettings
from llm_gateway.entrypoints.settings import load_settings
from llm_gateway.entrypoints.unused_settings import unused_settings


@pytest.fixture(autouse=True)
def _no_exporter_of_the_developers(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)


def test_nothing_set_nothing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Empty counts as not set, and OTEL_ENABLED=false is heeded."""
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "")
    monkeypatch.setenv("OTEL_ENABLED", "false")
    assert unused_settings(load_settings(), GatewayConfiguration()) == ()


def test_each_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the standard that nothing looks at; what is used is not."""
    for name in ("OTEL_BSP_MAX_QUEUE_SIZE", "GOVERNANCE_ENDPOINT", "COSTOPS_URL", "RUVECTOR_SERVICE_URL"):
        monkeypatch.setenv(name, "https://set.example")
    monkeypatch.setenv("OTEL_ENABLED", "true")
    assert unused_settings(load_settings(), GatewayConfiguration()) == ("OTEL_BSP_MAX_QUEUE_SIZE",)


@pytest.mark.parametrize(("enabled", "named"), [("", ("telemetry.otlp",)), ("true", ()), ("false", ())])
def test_so_is_the_key_of_the_file(
    monkeypatch: pytest.MonkeyPatch, enabled: str, named: tuple[str, ...]
) -> None:
    """While nobody has said whether traces are wanted."""
    if enabled:
        monkeypatch.setenv("OTEL_ENABLED", enabled)
    telemetry = TelemetrySettings(otlp=OtlpSettings(sample_ratio=0.5))
    assert unused_settings(load_settings(), GatewayConfiguration(telemetry=telemetry)) == named
