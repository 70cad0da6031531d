"""TracingSettings: what the standard's `OTEL_…` variables and `telemetry.otlp` together say of traces.

Names and meanings: OpenTelemetry specification, "Environment Variable Specification" and "OTLP Exporter
Configuration". Variables win over the file. `OTEL_ENABLED` is the platform's own and turns all of it on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from llm_gateway.application.configuration import OtlpSettings
from llm_gateway.application.secret import Secret
from llm_gateway.application.trace_collector import Compression, TraceCollector
from llm_gateway.domain.errors import ConfigurationError
from llm_gateway.entrypoints.settings import Settings

T = TypeVar("T")

_DEFAULT_ENDPOINT = "http://localhost:4318"
_DEFAULT_SERVICE = "llm-inference-gateway"
_DEFAULT_DELAY_S = 1.0  # the standard's are five: so long could more be lost than is worth it
_EXPORTER = "OTEL_EXPORTER_OTLP_"
_COMPRESSIONS: Mapping[str, Compression] = {"none": "none", "gzip": "gzip", "deflate": "deflate"}
# Whether the caller's decision is followed, and the ratio of the others; None: the one that is configured.
SAMPLERS: Mapping[str, tuple[bool, float | None]] = {
    "always_on": (False, 1.0),
    "always_off": (False, 0.0),
    "traceidratio": (False, None),
    "parentbased_always_on": (True, 1.0),
    "parentbased_always_off": (True, 0.0),
    "parentbased_traceidratio": (True, None),
}
_DEFAULT_SAMPLER = "parentbased_traceidratio"
_PAIR = re.compile(r"[ \t]*([!#-'*+\-.0-9A-Z^-z|~]+)[ \t]*=[ \t]*([ !#-+\--:<-\[\]-~]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class TracingSettings:
    """`ratio` is 0 to 1; `delay` is how many seconds a span waits for others, `attributes` describe the
    service by OpenTelemetry's names."""

    collector: TraceCollector
    ratio: float
    follows_parent: bool
    delay: float
    attributes: Mapping[str, str]


def tracing_settings(settings: Settings, otlp: OtlpSettings) -> TracingSettings | None:
    """None: nobody asked for traces, or somebody asked for none.

    Raises ConfigurationError that names the variable, and never repeats a header.
    """
    if not traces_wanted(settings):
        return None
    environment = settings.environment
    follows_parent, ratio = SAMPLERS[sampler(environment) or _DEFAULT_SAMPLER]
    if ratio is None:
        stated = environment.get("OTEL_TRACES_SAMPLER_ARG", "") if sampler(environment) else ""
        ratio = _read("OTEL_TRACES_SAMPLER_ARG", stated, _ratio) if stated else otlp.sample_ratio
    delay = environment.get("OTEL_BSP_SCHEDULE_DELAY", "").strip()
    return TracingSettings(
        collector=_collector(environment),
        ratio=ratio,
        follows_parent=follows_parent,
        delay=_read("OTEL_BSP_SCHEDULE_DELAY", delay, _seconds) if delay else _DEFAULT_DELAY_S,
        attributes=_attributes(settings),
    )


def traces_wanted(settings: Settings) -> bool:
    exporters = trace_exporters(settings.environment)
    disabled = settings.environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    return settings.otel_enabled and not disabled and (not exporters or "otlp" in exporters)


def sampler(environment: Mapping[str, str]) -> str | None:
    """The one that `OTEL_TRACES_SAMPLER` names, when there is such a one here."""
    name = environment.get("OTEL_TRACES_SAMPLER", "").strip().lower()
    return name if name in SAMPLERS else None


def trace_exporters(environment: Mapping[str, str]) -> tuple[str, ...]:
    named = environment.get("OTEL_TRACES_EXPORTER", "").lower().split(",")
    return tuple(name for part in named if (name := part.strip()))


def _collector(environment: Mapping[str, str]) -> TraceCollector:
    def setting(name: str, parse: Callable[[str], T], otherwise: T) -> T:
        for variable in (f"{_EXPORTER}TRACES_{name}", f"{_EXPORTER}{name}"):
            if value := environment.get(variable, "").strip():
                return _read(variable, value, parse)
        return otherwise

    no_file: str | None = None
    nothing: Mapping[str, Secret] = {}
    return TraceCollector(
        url=_url(environment),
        headers=setting("HEADERS", _headers, nothing),
        timeout=setting("TIMEOUT", _seconds, 10.0),
        compression=setting("COMPRESSION", _compression, "none"),
        certificate=setting("CERTIFICATE", _file, no_file),
        client_certificate=setting("CLIENT_CERTIFICATE", _file, no_file),
        client_key=setting("CLIENT_KEY", _file, no_file),
    )


def _url(environment: Mapping[str, str]) -> str:
    """The one for traces as it stands; the one for all signals with the path of this one."""
    variable = f"{_EXPORTER}TRACES_ENDPOINT"
    if value := environment.get(variable, "").strip():
        return _read(variable, value, _endpoint)
    variable = f"{_EXPORTER}ENDPOINT"
    base = _read(variable, environment.get(variable, "").strip() or _DEFAULT_ENDPOINT, _endpoint)
    return f"{base.removesuffix('/')}/v1/traces"


def _attributes(settings: Settings) -> Mapping[str, str]:
    given = settings.environment.get("OTEL_RESOURCE_ATTRIBUTES", "")
    stated = _read("OTEL_RESOURCE_ATTRIBUTES", given, _pairs)
    named = settings.environment.get("OTEL_SERVICE_NAME", "")
    return {
        "service.name": _DEFAULT_SERVICE,
        "service.version": settings.version,
        "deployment.environment.name": settings.platform_env,
        **{name: unquote(value) for name, value in stated.items()},
        **({"service.name": named} if named else {}),
    }


def _read(variable: str, value: str, parse: Callable[[str], T]) -> T:
    """`parse` raises ValueError that says what is wanted."""
    try:
        return parse(value)
    except ValueError as exc:
        raise ConfigurationError(f"{variable}: {exc}", path=variable) from None


def _endpoint(value: str) -> str:
    wanted = "must look like https://host[:port][/path]"
    try:
        parts = urlsplit(value)
        usable = parts.port != 0 and parts.username is None
    except ValueError:
        raise ValueError(wanted) from None
    if not usable or parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(wanted)
    if parts.query or parts.fragment:
        raise ValueError(wanted)
    return value


def _pairs(value: str) -> Mapping[str, str]:
    """`name=value,name=value`."""
    pairs = {}
    for part in value.split(","):
        if part.strip():
            match = _PAIR.fullmatch(part)
            if match is None:
                raise ValueError(
                    "must look like name=value,name=value, with other characters percent-encoded"
                )
            pairs[match[1]] = match[2].strip()
    return pairs


def _headers(value: str) -> Mapping[str, Secret]:
    return {unquote(name).lower(): Secret(unquote(text)) for name, text in _pairs(value).items()}


def _seconds(value: str) -> float:
    if not value.isdecimal() or int(value) == 0:
        raise ValueError("must be a whole number of milliseconds")
    return int(value) / 1000


def _ratio(value: str) -> float:
    try:
        ratio = float(value)
    except ValueError:
        ratio = -1.0
    if not 0 <= ratio <= 1:
        raise ValueError("must be a number from 0 to 1")
    return ratio


def _compression(value: str) -> Compression:
    if value.lower() not in _COMPRESSIONS:
        raise ValueError(f"must be one of {', '.join(_COMPRESSIONS)}")
    return _COMPRESSIONS[value.lower()]


def _file(value: str) -> str | None:
    if not Path(value).is_file():
        raise ValueError(f"there is no file {value}")
    return value
