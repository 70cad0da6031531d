"""`llm-gateway agent …` against a started gateway, as in the deployment guide, and the tools beside it."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
import yaml

from tests.e2e.child import Child
from tests.e2e.command_line import NOWHERE, command, said
from tests.e2e.gateway_process import COMMAND, GatewayProcess, running_gateway


def test_route_as_a_table(gateway: GatewayProcess) -> None:
    """`agent route --model … --tenant …`: who, how sure, and the way there."""
    shown = said(gateway, "agent", "route", "--model", "lab/echo", "--tenant", "acme-corp")
    assert "lab/echo" in shown and "resolve_model" in shown and "confidence" in shown


def test_route_as_json_and_yaml(gateway: GatewayProcess) -> None:
    """The endpoint's own document."""
    arguments = ("agent", "route", "--model", "lab/echo", "--fallback", "--format")
    as_json: dict[str, Any] = json.loads(said(gateway, *arguments, "json"))
    as_yaml: dict[str, Any] = yaml.safe_load(said(gateway, *arguments, "yaml"))
    assert as_json.keys() == as_yaml.keys()
    assert as_json["output"]["provider_id"] == as_yaml["output"]["provider_id"] == "lab"


def test_route_dry_run(gateway: GatewayProcess) -> None:
    """`agent route --model … --dry-run`."""
    shown = said(gateway, "--json", "agent", "route", "--model", "lab/echo", "--dry-run")
    assert json.loads(shown)["dry_run"] is True


def test_route_that_is_refused(gateway: GatewayProcess) -> None:
    """Exit code 1 and the gateway's words in one line."""
    done = command("--url", gateway.url, "agent", "route", "--model", "unheard-of")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "model_not_found" in done.stderr


def test_inspect(gateway: GatewayProcess) -> None:
    """`agent inspect` and `agent inspect --detailed --metrics --health`."""
    assert "lab" in said(gateway, "agent", "inspect")
    assert "breaker state" in said(gateway, "agent", "inspect", "--detailed", "--metrics", "--health")
    found = json.loads(said(gateway, "agent", "inspect", "--detailed", "--format", "json"))
    assert found["providers"][0]["id"] == "lab" and "metrics" not in found


def test_status_and_list(gateway: GatewayProcess) -> None:
    """Once, and for one agent only."""
    assert "workers 1 of 1" in said(gateway, "agent", "status")
    assert "inference-routing-agent" in said(gateway, "agent", "list")
    assert command("--url", gateway.url, "agent", "status", "--agent-id", "x").returncode == 1


def test_status_watch(gateway: GatewayProcess) -> None:
    """`agent status --watch --interval N` goes on: with --json a document a line."""
    arguments = ("--json", "--url", gateway.url, "agent", "status", "--watch", "--interval", "0.1")
    child = Child((*COMMAND, *arguments), gateway.directory / "watch", {})
    try:
        child.until_printed(r"\{.*\}\n\{.*\}\n\{.*\}\n")
        assert all(json.loads(line)["ready"] for line in child.stdout.splitlines()[:3])
    finally:
        child.process.kill()
        child.process.wait()


@pytest.mark.parametrize(
    "arguments", [("route", "--model", "m"), ("inspect",), ("status",), ("status", "--watch"), ("list",)]
)
def test_nobody_there(arguments: tuple[str, ...]) -> None:
    """Exit code 69 and the URL that was tried; nothing is invented."""
    done = command("--url", NOWHERE, "agent", *arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (69, "", 1)
    assert NOWHERE in done.stderr


def test_a_key_without_the_scope() -> None:
    """Exit code 77."""
    with running_gateway("--lab", environment={"LLM_GATEWAY_API_KEYS": "right"}) as gateway:
        done = command("--url", gateway.url, "-k", "wrong", "agent", "status")
        assert (done.returncode, done.stdout) == (77, "")
        assert said(gateway, "-k", "right", "agent", "status")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_what_a_gateway_leaves_can_be_replayed_tested_and_verified() -> None:
    """Beside the running gateway, on its own spool."""
    with running_gateway("--lab") as gateway:
        id = json.loads(said(gateway, "--json", "agent", "route", "-m", "lab/echo"))["decision_id"]
        command("--url", gateway.url, "agent", "route", "-m", "unheard-of")
        spool = str(gateway.directory / "spool")
        here = {"LLM_GATEWAY_SPOOL_DIR": spool}
        one = command("-v", "replay", id, **here)
        every = command("--json", "replay", spool)
        assert (one.returncode, one.stderr) == (0, "") and f"{id}: exact" in one.stdout
        assert json.loads(every.stdout) == {"replayed": 2, "exact": 2, "differing": []}
        verified = json.loads(command("--json", "audit", "verify", spool).stdout)
        assert [(chain["records"], chain["sound"]) for chain in verified] == [(2, True)]
