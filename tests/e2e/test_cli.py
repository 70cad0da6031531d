"""The commands that ask a running gateway: what they print, and with which code they end."""

from __future__ import annotations

import json

import pytest

from tests.e2e.command_line import NOWHERE, command, said
from tests.e2e.gateway_process import GatewayProcess, running_gateway
from tests.e2e.lab_process import LabProcess


@pytest.mark.parametrize("stream", [[], ["--stream"]])
def test_chat(gateway: GatewayProcess, stream: list[str]) -> None:
    """The answer and nothing else."""
    assert said(gateway, "chat", "Hello there", "--model", "lab/echo", *stream) == "Hello there\n"


def test_chat_with_a_system_message(gateway: GatewayProcess) -> None:
    """It is sent; the lab counts its words."""
    arguments = ("--json", "chat", "Hi", "-m", "lab/echo", "--system", "Be very brief")
    assert json.loads(said(gateway, *arguments))["usage"]["prompt_tokens"] == 4


def test_chat_as_json(gateway: GatewayProcess) -> None:
    """Plain: the whole answer; streamed: a chunk a line."""
    answer = json.loads(said(gateway, "--json", "chat", "Hello", "-m", "lab/echo"))
    assert answer["choices"][0]["message"]["content"] == "Hello"
    lines = said(gateway, "--json", "chat", "Hello", "-m", "lab/echo", "--stream").splitlines()
    assert json.loads(lines[-1])["choices"][0]["finish_reason"] == "stop"


def test_a_cut_stream_is_no_success(gateway: GatewayProcess) -> None:
    """What came is shown, then why there is no more; exit code 1."""
    done = command("--url", gateway.url, "chat", "Hello", "-m", "lab/cut@2", "--stream")
    assert (done.returncode, done.stdout) == (1, "lorem ipsum")
    assert "stream_truncated" in done.stderr and done.stderr.count("\n") == 1


def test_models(gateway: GatewayProcess) -> None:
    """A table, or the API's own document."""
    assert "lab/echo" in said(gateway, "models")
    assert json.loads(said(gateway, "--json", "models"))["object"] == "list"


def test_health(gateway: GatewayProcess) -> None:
    """Both probes in one."""
    assert "status: healthy\n" in said(gateway, "health")
    assert json.loads(said(gateway, "--json", "health"))["ready"] is True


def test_health_that_is_none() -> None:
    """Shown, and exit code 1."""
    with running_gateway(environment={"PLATFORM_ENV": "staging"}, until="listening") as gateway:
        done = command("--url", gateway.url, "--json", "health")
    assert done.returncode == 1
    assert json.loads(done.stdout)["status"] == "unhealthy"


def test_info(gateway: GatewayProcess) -> None:
    """Where, and both versions."""
    info = json.loads(said(gateway, "--json", "info"))
    assert info["url"] == gateway.url and info["version"] == info["cli_version"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("chat", "hi", "-m", "lab/echo"),
        ("chat", "hi", "-m", "x", "--stream"),
        ("models",),
        ("health",),
        ("info",),
    ],
)
@pytest.mark.parametrize("option", [[], ["--json"]])
def test_nobody_there(arguments: tuple[str, ...], option: list[str]) -> None:
    """Exit code 69, the URL that was tried, and nothing invented."""
    done = command("--url", NOWHERE, *option, *arguments)
    assert (done.returncode, done.stdout) == (69, "")
    assert NOWHERE in done.stderr and done.stderr.count("\n") == 1


def test_the_url_from_the_environment(gateway: GatewayProcess) -> None:
    """GATEWAY_URL, which an option overrides."""
    assert command("info", GATEWAY_URL=gateway.url).returncode == 0
    assert command("--url", NOWHERE, "info", GATEWAY_URL=gateway.url).returncode == 69


def test_a_key_that_is_refused() -> None:
    """Exit code 77 and the gateway's own words; the right key, by option or variable, is let in."""
    with running_gateway("--lab", environment={"LLM_GATEWAY_API_KEYS": "right"}) as gateway:
        url = ("--url", gateway.url)
        done = command(*url, "--api-key", "wrong", "models")
        assert (done.returncode, done.stdout) == (77, "")
        assert "invalid_api_key" in done.stderr and "wrong" not in done.stderr
        assert command(*url, "--api-key", "right", "models").returncode == 0
        assert command(*url, "models", GATEWAY_API_KEY="right").returncode == 0


def test_an_error_of_the_gateway(gateway: GatewayProcess) -> None:
    """Exit code 1 and one line with the status, the message and the code."""
    done = command("--url", gateway.url, "chat", "hi", "-m", "gpt-unknown")
    assert (done.returncode, done.stdout) == (1, "")
    assert "HTTP 404" in done.stderr and "model_not_found" in done.stderr


@pytest.mark.parametrize("name", ["info", "health", "models"])
def test_something_else_listens_there(lab: LabProcess, name: str) -> None:
    """An answer that is not a gateway's is not taken for one."""
    done = command("--url", f"{lab.url}/elsewhere", name)
    assert done.returncode == 1 and done.stdout == "" and done.stderr.count("\n") == 1


def test_help_lists_the_commands() -> None:
    """Every command has a line of help."""
    shown = command("--help").stdout
    assert all(name in shown for name in ("start", "chat", "models", "health", "info", "lab"))


def test_the_lab_alone_listens_on_loopback_only() -> None:
    """It would answer anybody; exit code 1 and the reason."""
    done = command("lab", "--host", "0.0.0.0")
    assert done.returncode == 1 and "loopback" in done.stderr
