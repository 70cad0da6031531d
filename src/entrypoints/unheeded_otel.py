"""Which `OTEL_…` variables are set and make no difference, so that `start` can say so."""

from __future__ import annotations

from collections.abc import Mapping

from llm_gateway.entrypoints.settings import Settings
from llm_gateway.entrypoints.tracing_settings import SAMPLERS, sampler, trace_exporters

_OF_TRACES = (
    "ENDPOINT",
    "HEADERS",
    "TIMEOUT",
    "COMPRESSION",
    "CERTIFICATE",
    "CLIENT_CERTIFICATE",
    "CLIENT_KEY",
)
_ALWAYS_HEEDED = frozenset(
    {
        "OTEL_ENABLED",
        "OTEL_SDK_DISABLED",
        "OTEL_SERVICE_NAME",
        "OTEL_RESOURCE_ATTRIBUTES",
        "OTEL_BSP_SCHEDULE_DELAY",
    }
    | {f"OTEL_EXPORTER_OTLP_{signal}{name}" for signal in ("", "TRACES_") for name in _OF_TRACES}
)
# Heeded when they ask for what there is: these say nothing else.
_HEEDED_AT = {
    "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf",
    "OTEL_PROPAGATORS": "tracecontext",
    "OTEL_METRICS_EXPORTER": "none",
    "OTEL_LOGS_EXPORTER": "none",
}
_EXPORTERS = frozenset({"otlp", "none"})


def unheeded_otel(settings: Settings) -> tuple[str, ...]:
    """Sorted names, never values. Who has turned OpenTelemetry off in so many words is told nothing."""
    environment = {name: value for name, value in settings.environment.items() if value.strip()}
    if not settings.otel_enabled and "OTEL_ENABLED" in environment:
        return ()
    names = sorted(name for name in environment if name.startswith("OTEL_"))
    if not settings.otel_enabled:
        return tuple(names)
    return tuple(name for name in names if not _heeded(name, environment))


def _heeded(name: str, environment: Mapping[str, str]) -> bool:
    if name in _HEEDED_AT:
        return environment[name].strip().lower() == _HEEDED_AT[name]
    if name == "OTEL_TRACES_EXPORTER":
        return _EXPORTERS.issuperset(trace_exporters(environment))
    chosen = sampler(environment)
    if name == "OTEL_TRACES_SAMPLER":
        return chosen is not None
    if name == "OTEL_TRACES_SAMPLER_ARG":
        return chosen is not None and SAMPLERS[chosen][1] is None
    return name in _ALWAYS_HEEDED
