"""What the standard's variables and the file say of traces."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from llm_gateway.application.configuration import OtlpSettings
from llm_gateway.application.secret import Secret
from llm_gateway.domain.errors import ConfigurationError
from llm_gateway.entrypoints.settings import load_settings
from llm_gateway.entrypoints.tracing_settings import TracingSettings, tracing_settings

FILE = OtlpSettings(sample_ratio=0.25)


@pytest.fixture(autouse=True)
def _no_exporter_of_the_developers(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)


def with_variables(monkeypatch: pytest.MonkeyPatch, **variables: str) -> TracingSettings | None:
    for name, value in {"ENABLED": "true", **variables}.items():
        monkeypatch.setenv(f"OTEL_{name}", value)
    return tracing_settings(load_settings(), FILE)


def test_nobody_asked() -> None:
    assert tracing_settings(load_settings(), FILE) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENABLED", "false"),
        ("SDK_DISABLED", "TRUE"),
        ("TRACES_EXPORTER", "none"),
        ("TRACES_EXPORTER", "console"),
    ],
)
def test_somebody_asked_for_none(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    assert with_variables(monkeypatch, **{name: value}) is None


def test_the_defaults_are_the_standards_and_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = with_variables(monkeypatch)
    assert wanted is not None
    assert (wanted.collector.url, wanted.collector.timeout) == ("http://localhost:4318/v1/traces", 10.0)
    assert (wanted.ratio, wanted.follows_parent) == (0.25, True)
    assert wanted.attributes["service.name"] == "llm-inference-gateway"
    assert wanted.attributes["deployment.environment.name"] == "dev"


@pytest.mark.parametrize(
    ("variables", "url"),
    [
        ({"EXPORTER_OTLP_ENDPOINT": "https://c.example"}, "https://c.example/v1/traces"),
        ({"EXPORTER_OTLP_ENDPOINT": "https://c.example/base/"}, "https://c.example/base/v1/traces"),
        ({"EXPORTER_OTLP_ENDPOINT": ""}, "http://localhost:4318/v1/traces"),
        (
            {
                "EXPORTER_OTLP_ENDPOINT": "https://c.example",
                "EXPORTER_OTLP_TRACES_ENDPOINT": "https://t.example:4318/x",
            },
            "https://t.example:4318/x",
        ),
    ],
)
def test_where_spans_go(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], url: str) -> None:
    """The endpoint of all signals gets the path of this one; the one for traces is taken as it stands."""
    wanted = with_variables(monkeypatch, **variables)
    assert wanted is not None and wanted.collector.url == url


def test_what_is_for_traces_wins_over_what_is_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = with_variables(
        monkeypatch,
        EXPORTER_OTLP_TIMEOUT="20000",
        EXPORTER_OTLP_TRACES_TIMEOUT="2500",
        EXPORTER_OTLP_COMPRESSION="gzip",
        BSP_SCHEDULE_DELAY="200",
    )
    assert wanted is not None and wanted.delay == 0.2
    assert (wanted.collector.timeout, wanted.collector.compression) == (2.5, "gzip")


def test_headers_are_decoded_and_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = with_variables(
        monkeypatch, EXPORTER_OTLP_HEADERS="Authorization=Bearer%20a=b, x-tenant = t,x-plain=Basic abc"
    )
    assert wanted is not None
    headers = wanted.collector.headers
    assert {name: secret.reveal() for name, secret in headers.items()} == {
        "authorization": "Bearer a=b",
        "x-tenant": "t",
        "x-plain": "Basic abc",
    }
    assert "abc" not in repr(wanted) and isinstance(headers["x-plain"], Secret)


@pytest.mark.parametrize(
    ("sampler", "argument", "expected"),
    [
        ("always_on", "0.5", (1.0, False)),
        ("always_off", "", (0.0, False)),
        ("traceidratio", "0.5", (0.5, False)),
        ("parentbased_always_on", "", (1.0, True)),
        ("parentbased_always_off", "", (0.0, True)),
        ("parentbased_traceidratio", "0.5", (0.5, True)),
        ("ParentBased_TraceIdRatio", "", (0.25, True)),
        ("jaeger_remote", "0.5", (0.25, True)),
        ("", "0.5", (0.25, True)),
    ],
)
def test_samplers(
    monkeypatch: pytest.MonkeyPatch, sampler: str, argument: str, expected: tuple[float, bool]
) -> None:
    """The file's ratio stands where the variables name none; the argument is only the sampler's."""
    wanted = with_variables(monkeypatch, TRACES_SAMPLER=sampler, TRACES_SAMPLER_ARG=argument)
    assert wanted is not None and (wanted.ratio, wanted.follows_parent) == expected


def test_the_service_describes_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """OTEL_SERVICE_NAME wins over an attribute of the same meaning."""
    attributes = "service.name=other,team=a%20b,deployment.environment.name=blue"
    wanted = with_variables(monkeypatch, RESOURCE_ATTRIBUTES=attributes, SERVICE_NAME="mine")
    assert wanted is not None
    assert {"service.name": "mine", "team": "a b", "deployment.environment.name": "blue"}.items() <= dict(
        wanted.attributes
    ).items()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EXPORTER_OTLP_ENDPOINT", "collector:4318"),
        ("EXPORTER_OTLP_ENDPOINT", "https://user:planted-secret@c.example"),
        ("EXPORTER_OTLP_ENDPOINT", "https://c.example?key=planted-secret"),
        ("EXPORTER_OTLP_TRACES_ENDPOINT", "https://c.example:99999"),
        ("EXPORTER_OTLP_HEADERS", "planted-secret"),
        ("EXPORTER_OTLP_HEADERS", "a=1;planted-secret=2"),
        ("EXPORTER_OTLP_TIMEOUT", "10s"),
        ("EXPORTER_OTLP_TIMEOUT", "0"),
        ("EXPORTER_OTLP_COMPRESSION", "zstd"),
        ("EXPORTER_OTLP_CERTIFICATE", "/no/such/file.pem"),
        ("RESOURCE_ATTRIBUTES", "team"),
    ],
)
def test_a_value_of_no_use_is_named_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        with_variables(monkeypatch, **{name: value})
    assert caught.value.path == f"OTEL_{name}"
    assert "planted-secret" not in str(caught.value)


@pytest.mark.parametrize("ratio", ["1.5", "-0.1", "nan", "half"])
def test_a_ratio_is_a_ratio(monkeypatch: pytest.MonkeyPatch, ratio: str) -> None:
    with pytest.raises(ConfigurationError, match="OTEL_TRACES_SAMPLER_ARG"):
        with_variables(monkeypatch, TRACES_SAMPLER="traceidratio", TRACES_SAMPLER_ARG=ratio)


def test_files_of_tls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    wanted = with_variables(monkeypatch, EXPORTER_OTLP_CERTIFICATE=str(tmp_path / "ca.pem"))
    assert wanted is not None and wanted.collector.certificate == str(tmp_path / "ca.pem")
