"""Which variables of the standard make no difference."""

from __future__ import annotations

import os

import pytest

from llm_gateway.entrypoints.settings import load_settings
from llm_gateway.entrypoints.unheeded_otel import unheeded_otel


@pytest.fixture(autouse=True)
def _no_exporter_of_the_developers(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)


def unheeded(monkeypatch: pytest.MonkeyPatch, **variables: str) -> tuple[str, ...]:
    for name, value in variables.items():
        monkeypatch.setenv(f"OTEL_{name}", value)
    return unheeded_otel(load_settings())


def test_off_on_purpose_is_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (
        unheeded(monkeypatch, ENABLED="false", EXPORTER_OTLP_ENDPOINT="http://c", BSP_MAX_QUEUE_SIZE="1")
        == ()
    )


def test_an_endpoint_alone_turns_nothing_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who knows the standard expects it to: that is worth a line."""
    assert unheeded(monkeypatch, EXPORTER_OTLP_ENDPOINT="http://c") == ("OTEL_EXPORTER_OTLP_ENDPOINT",)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EXPORTER_OTLP_TRACES_HEADERS", "a=1"),
        ("EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("TRACES_EXPORTER", "otlp"),
        ("TRACES_SAMPLER", "parentbased_traceidratio"),
        ("PROPAGATORS", "tracecontext"),
        ("METRICS_EXPORTER", "none"),
        ("BSP_SCHEDULE_DELAY", "500"),
        ("BSP_MAX_QUEUE_SIZE", ""),
    ],
)
def test_what_is_heeded(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    assert unheeded(monkeypatch, ENABLED="true", **{name: value}) == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("EXPORTER_OTLP_METRICS_ENDPOINT", "http://c"),
        ("TRACES_EXPORTER", "otlp,console"),
        ("TRACES_SAMPLER", "xray"),
        ("TRACES_SAMPLER_ARG", "0.5"),
        ("PROPAGATORS", "b3"),
        ("METRICS_EXPORTER", "otlp"),
        ("BSP_MAX_QUEUE_SIZE", "1"),
        ("SPAN_ATTRIBUTE_COUNT_LIMIT", "1"),
    ],
)
def test_what_is_not(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    assert unheeded(monkeypatch, ENABLED="true", **{name: value}) == (f"OTEL_{name}",)


def test_the_samplers_argument_belongs_to_a_ratio(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {"ENABLED": "true", "TRACES_SAMPLER": "always_on", "TRACES_SAMPLER_ARG": "0.5"}
    assert unheeded(monkeypatch, **variables) == ("OTEL_TRACES_SAMPLER_ARG",)
