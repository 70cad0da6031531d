"""What is set for services that this version does not talk to yet, so that `start` can say so."""

from __future__ import annotations

from llm_gateway.application.configuration import GatewayConfiguration, OtlpSettings
from llm_gateway.entrypoints.settings import Settings


def unused_settings(settings: Settings, configuration: GatewayConfiguration) -> tuple[str, ...]:
    """Names only, never values: variables that are not empty, and `telemetry.otlp` unless it is the default.

    `OTEL_ENABLED=false` is not among them: it is heeded.
    """
    filled = {name for name, value in settings.environment.items() if value}
    names = sorted(
        name
        for name in filled
        if name.startswith("OTEL_") and (name != "OTEL_ENABLED" or settings.otel_enabled)
    )
    if configuration.telemetry.otlp != OtlpSettings():
        names.append("telemetry.otlp")
    return tuple(names)
