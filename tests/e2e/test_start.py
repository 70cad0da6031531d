"""`llm-gateway start`: what it says, what it refuses, and the probes of what it started."""

from __future__ import annotations

import re
import socket
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.e2e.child import PATIENCE_S, clean_environment
from tests.e2e.gateway_process import COMMAND, GatewayProcess, running_gateway

CHAT = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}
CANARY = "sk-canary-0123456789"


def refused(tmp_path: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """Exit code and standard error of a start that does not come about; it prints one line."""
    spool = {"LLM_GATEWAY_SPOOL_DIR": str(tmp_path / "spool")}
    done = subprocess.run(
        [*COMMAND, "start", *arguments],
        cwd=tmp_path,
        env=clean_environment({**spool, **environment}),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.stdout == "" and done.stderr.count("\n") == 1, done.stderr
    return done.returncode, done.stderr


def test_the_banner_says_that_the_lab_is_no_model(gateway: GatewayProcess) -> None:
    """Nobody may take canned answers for a model's."""
    assert "EMBEDDED LAB, canned answers" in gateway.stdout
    assert "no client keys" in gateway.stdout


def test_without_any_key_the_lab_is_the_default() -> None:
    """In dev, for a first try on a fresh machine; on loopback only."""
    with running_gateway() as gateway:
        assert re.search(r"listens on http://127\.0\.0\.1:\d+\n", gateway.stdout)
        assert "EMBEDDED LAB" in gateway.stdout


def test_a_provider_key_takes_the_labs_place() -> None:
    """The key itself is nowhere in what is printed or answered."""
    with running_gateway(environment={"OPENAI_API_KEY": CANARY}) as gateway:
        assert "provider openai: live (https://api.openai.com" in gateway.stdout
        assert "LAB" not in gateway.stdout
        pages = [httpx.get(f"{gateway.url}{path}").text for path in ("/health", "/v1/models", "/metrics")]
        assert CANARY not in gateway.stdout + gateway.stderr + "".join(pages)


@pytest.mark.parametrize("platform", ["staging", "prod"])
def test_outside_dev_nothing_is_made_up(platform: str) -> None:
    """Without a provider: alive, not ready with the reason, and 503 for every model."""
    keys = {"LLM_GATEWAY_API_KEYS": "key", "PLATFORM_ENV": platform}
    with (
        running_gateway(environment=keys, until="listening") as gateway,
        httpx.Client(base_url=gateway.url, trust_env=False) as http,
    ):
        assert http.get("/live").status_code == 200
        assert http.get("/health").json()["status"] == "unhealthy"
        ready = http.get("/ready")
        assert ready.status_code == 503
        assert ready.json() == {"ready": False, "reasons": ["NoHealthyProviders: no provider is configured"]}
        answer = http.post("/v1/chat/completions", json=CHAT, headers={"x-api-key": "key"})
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (503, "no_healthy_providers")
        assert error["message"].startswith("NoHealthyProviders: ") and error["type"] == "routing_error"
        assert "NoHealthyProviders: set OPENAI_API_KEY" in gateway.stdout


@pytest.mark.parametrize("path", ["/health", "/healthz", "/live", "/livez", "/ready", "/readyz"])
def test_probes(http: httpx.Client, path: str) -> None:
    """Open, and each in both spellings."""
    assert http.get(path).status_code == 200
    assert http.get(path).json() == http.get(path.rstrip("z")).json()


def test_health_says_who_and_what(http: httpx.Client) -> None:
    """The snapshot hash is the configuration in force."""
    health = http.get("/health").json()
    assert re.fullmatch("[0-9a-f]{64}", health.pop("snapshot_hash"))
    assert health == {
        "status": "healthy",
        "version": health["version"],
        "service": "llm-inference-gateway",
        "environment": "dev",
    }


def test_service_identity_comes_from_the_environment() -> None:
    """SERVICE_NAME and SERVICE_VERSION, as the platform's guide sets them."""
    names = {"SERVICE_NAME": "gw-eu", "SERVICE_VERSION": "9.8.7"}
    with running_gateway("--lab", environment=names) as gateway:
        health = httpx.get(f"{gateway.url}/health", trust_env=False).json()
    assert (health["service"], health["version"]) == ("gw-eu", "9.8.7")


def test_a_version_of_any_shape_starts() -> None:
    """What a pipeline tags, `latest` too, is shown as it is and takes requests."""
    with running_gateway("--lab", environment={"SERVICE_VERSION": "latest"}) as gateway:
        health = httpx.get(f"{gateway.url}/health", trust_env=False).json()
        answer = httpx.post(
            f"{gateway.url}/v1/chat/completions", json={**CHAT, "model": "lab/echo"}, trust_env=False
        )
    assert (health["version"], answer.status_code) == ("latest", 200)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_settings_that_make_no_difference_are_named(workers: str) -> None:
    """In the banner and in one warning."""
    unused = {"OTEL_LOGS_EXPORTER": "otlp", "OTEL_METRICS_EXPORTER": "otlp"}
    with running_gateway("--lab", "--workers", workers, environment=unused) as gateway:
        banner = gateway.stdout
        warned = [line["settings"] for line in gateway.logs() if line["level"] == "warning"]
    assert warned == [["OTEL_LOGS_EXPORTER", "OTEL_METRICS_EXPORTER"]]
    assert "set, but not used: OTEL_LOGS_EXPORTER, OTEL_METRICS_EXPORTER\n" in banner


def test_a_port_in_use(tmp_path: Path) -> None:
    """One line that names it and the way out; exit code 1."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, said = refused(tmp_path, "--lab", "--host", "127.0.0.1", "--port", port)
    assert code == 1
    assert f"127.0.0.1:{port}: Address already in use" in said and "--port" in said


def test_a_host_that_cannot_be_resolved(tmp_path: Path) -> None:
    """Named, with the resolver's reason instead of a number; exit code 1."""
    code, said = refused(
        tmp_path, "--lab", "--host", "nobody.invalid", "--port", "0", LLM_GATEWAY_AUTH="none"
    )
    assert code == 1
    assert "cannot listen on nobody.invalid:0: " in said and "--host" in said and "Unknown error" not in said


@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_an_ipv6_address_with_and_without_brackets(tmp_path: Path, host: str) -> None:
    """Both are the same address; asked for twice, the error names it as URLs do."""
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as taken:
        port = str(taken.getsockname()[1])
        code, said = refused(tmp_path, "--lab", "--host", host, "--port", port)
    assert code == 1 and f"[::1]:{port}: Address already in use" in said


def test_an_unknown_setting_is_named(tmp_path: Path) -> None:
    """With the one that was probably meant; exit code 78."""
    code, said = refused(tmp_path, LLM_GATEWAY_WORKRS="2")
    assert code == 78
    assert "LLM_GATEWAY_WORKRS" in said and "did you mean LLM_GATEWAY_WORKERS?" in said


@pytest.mark.parametrize(
    ("variable", "value"),
    [("PORT", "http"), ("LLM_GATEWAY_WORKERS", "0"), ("PLATFORM_ENV", "production"), ("PORT", "70000")],
)
def test_a_bad_value_is_named(tmp_path: Path, variable: str, value: str) -> None:
    """By its variable; exit code 78."""
    code, said = refused(tmp_path, **{variable: value})
    assert code == 78 and variable in said


@pytest.mark.parametrize(
    ("text", "said_too"),
    [
        ("providrs: []", "providers"),
        ("server: {max_body: lots}", "server.max_body"),
        ("a: 1\nproviders: [", "gateway.yaml:2"),
    ],
)
def test_a_bad_configuration_is_refused(tmp_path: Path, text: str, said_too: str) -> None:
    """With the file, the path in it, and a near key; exit code 78."""
    (tmp_path / "gateway.yaml").write_text(text)
    code, said = refused(tmp_path, "--config", "gateway.yaml")
    assert code == 78 and "gateway.yaml" in said and said_too in said


def test_a_configuration_that_is_not_there(tmp_path: Path) -> None:
    """Named; exit code 78."""
    code, said = refused(tmp_path, "--config", "absent.yaml")
    assert code == 78 and "absent.yaml" in said


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_spool_that_cannot_be_written(tmp_path: Path, workers: str) -> None:
    """One line, before the banner, with the path and the variable; exit code 78."""
    (tmp_path / "file").touch()
    spool = str(tmp_path / "file" / "spool")
    code, said = refused(tmp_path, "--lab", "--workers", workers, LLM_GATEWAY_SPOOL_DIR=spool)
    assert code == 78
    assert f"{spool} cannot be written: Not a directory" in said and "LLM_GATEWAY_SPOOL_DIR" in said


def test_a_workers_directory_that_cannot_be_written(tmp_path: Path) -> None:
    """The spool itself may be fine; the worker that stumbles says the same line, not a traceback."""
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool" / "worker-0").touch()
    done = subprocess.run(
        [*COMMAND, "start", "--lab", "--port", "0"],
        cwd=tmp_path,
        env=clean_environment({"LLM_GATEWAY_SPOOL_DIR": str(tmp_path / "spool")}),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 78 and done.stderr.count("\n") == 1
    assert "cannot be written: File exists" in done.stderr
