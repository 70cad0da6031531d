"""What is set and makes no difference, so that `start` can say so."""

from __future__ import annotations

from llm_gateway.application.configuration import GatewayConfiguration, OtlpSettings
from llm_gateway.entrypoints.settings import Settings
from llm_gateway.entrypoints.tracing_settings import traces_wanted
from llm_gateway.entrypoints.unheeded_otel import unheeded_otel


def unused_settings(settings: Settings, configuration: GatewayConfiguration) -> tuple[str, ...]:
    """Names only, never values: variables of OpenTelemetry, and `telemetry.otlp` where it is not the default
    while nobody has said whether traces are wanted."""
    names = unheeded_otel(settings)
    undecided = not traces_wanted(settings) and not settings.environment.get("OTEL_ENABLED")
    if undecided and configuration.telemetry.otlp != OtlpSettings():
        return (*names, "telemetry.otlp")
    return names
