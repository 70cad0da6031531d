"""verify.sh for real: against started gateways, and against ones that are broken on purpose."""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx
import pytest

from tests.e2e.child import Child
from tests.e2e.gateway_process import GatewayProcess, running_gateway
from tests.integration.deploy.tampering_proxy import Spoil, edited, replaced, served, tampering_proxy
from tests.integration.deploy.workstation import ROOT, Workstation

VERIFY = "./deploy/scripts/verify.sh"
RUVECTOR = ROOT / "deploy" / "compose" / "ruvector_stand_in.py"
KEY = {"GATEWAY_API_KEY": "client-key-1"}
CHECKS = [
    "health",
    "live",
    "ready",
    "agents",
    "models",
    "inspect",
    "status",
    "route",
    "decision-event",
    "chat",
    "telemetry",
    "metrics",
    "auth",
]


def results(station: Workstation, url: str, arguments: str = "", **environment: str) -> dict[str, str]:
    """Result by check; the exit code agrees with them."""
    done = station.run(f"{VERIFY} {url} --format json {arguments}", VERIFY_PATIENCE_S="0", **environment)
    report = json.loads(done.stdout)
    found = {check["name"]: check["result"] for check in report["checks"]}
    assert done.returncode == ("fail" in found.values()) and report["passed"] is (done.returncode == 0)
    return found


def test_a_sound_gateway_passes_every_check(
    workstation: Workstation, verified_gateway: GatewayProcess
) -> None:
    """Only deliveries are skipped: in dev, without the services, there are none."""
    found = results(workstation, verified_gateway.url, "--env dev", **KEY)
    assert list(found) == CHECKS
    assert {name: result for name, result in found.items() if result != "pass"} == {
        "decision-event": "skip",
        "telemetry": "skip",
    }


def test_text_has_one_line_for_each_check(workstation: Workstation, verified_gateway: GatewayProcess) -> None:
    """Result, name, and what was found."""
    done = workstation.run(f"{VERIFY} {verified_gateway.url}", **KEY)
    assert done.returncode == 0
    assert [line.split()[1] for line in done.stdout.splitlines()] == CHECKS
    assert all(len(line.split()) > 2 for line in done.stdout.splitlines())


def test_without_a_url_the_deployed_service_is_asked(workstation: Workstation) -> None:
    """As the guide runs it; project and region from gcloud and the environment file."""
    workstation.update(traffic=[{"revisionName": "rev-1", "percent": 100}])
    done = workstation.run(VERIFY, **KEY)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "--project agentics-dev --region us-central1" in workstation.calls()[-1]


def test_a_service_that_is_not_deployed_is_said(workstation: Workstation) -> None:
    """No check is made up for it."""
    done = workstation.run(f"{VERIFY} --project agentics-prod")
    assert done.returncode == 1 and "cannot be found in 'agentics-prod'" in done.stderr
    assert done.stdout == ""


def test_nobody_there_fails_every_check(workstation: Workstation) -> None:
    """But the chat, which without a live provider has nothing to show, and what is told of it."""
    found = results(workstation, "http://127.0.0.1:1")
    assert list(found) == CHECKS
    assert {name for name, result in found.items() if result != "fail"} == {"chat", "telemetry"}


def without_metadata(word: str) -> Spoil:
    """One family loses its HELP or TYPE."""
    gone = f"# {word} llm_gateway_decision_seconds".encode()
    return lambda status, body: (status, body.replace(gone, b"# other"))


def told(**figures: object) -> dict[str, object]:
    """The telemetry part of a status, with one peer."""
    sink = {"endpoint": "http://observatory", "reachable": True, **figures}
    return {"configured": True, "sinks": {"observatory": sink}}


# What is spoiled together, by path, and the checks that must notice: these and no others. A round spoils
# each path once; the decision event cannot be found without the route's answer or the status.
ROUNDS: dict[str, tuple[dict[str, Spoil], set[str]]] = {
    "empty": (
        {
            "/health": edited(lambda body: body.update(status="unhealthy")),
            "/live": replaced(500, b"{}"),
            "/agents": replaced(200, b"[]"),
            "/v1/models": edited(lambda body: body["data"].clear()),
            "/agents/inspect": edited(lambda body: body.update(provider_count=0)),
            "/agents/status": edited(lambda body: body.pop("persistence")),
            "/v1/chat/completions": edited(lambda body: body.update(choices=[])),
            "/metrics": replaced(200, b""),
        },
        {
            "health",
            "live",
            "agents",
            "models",
            "inspect",
            "status",
            "decision-event",
            "chat",
            "metrics",
        },
    ),
    "untrue": (
        {
            "/health": edited(lambda body: body.update(environment="staging")),
            "/ready": replaced(503, b'{"ready":false,"reasons":["openai: no API key"]}'),
            "/agents/inspect": edited(lambda body: body.update(leak="client-key-1")),
            "/agents/status": edited(lambda body: body.update(ready=False)),
            "/v1": replaced(404, b'{"error":{"message":"unknown"}}'),  # /v1/decisions/...
            "/v1/chat/completions": lambda status, body: (200, body),
        },
        {"health", "ready", "inspect", "status", "decision-event", "auth"},
    ),
    "formless": (
        {
            "/health": replaced(200, b"ok"),
            "/agents/route": edited(lambda body: body.pop("decision_id")),
            "/v1/chat/completions": edited(lambda body: body.pop("usage", None)),
            "/metrics": without_metadata("HELP"),
        },
        {"health", "route", "decision-event", "chat", "metrics"},
    ),
    "rejected": (
        {
            "/agents/route": replaced(503, b'{"error":{"code":"no_healthy_providers"}}'),
            "/agents/status": edited(lambda body: body.update(telemetry=told(delivered=0))),
            "/metrics": without_metadata("TYPE"),
        },
        {"route", "decision-event", "telemetry", "metrics"},
    ),
}


@pytest.mark.parametrize("name", ROUNDS)
def test_each_check_can_fail(workstation: Workstation, verified_gateway: GatewayProcess, name: str) -> None:
    """Answers are spoiled, and the checks that look at them notice; the others still pass."""
    spoiled, expected = ROUNDS[name]
    with tampering_proxy(verified_gateway.url, spoiled) as url:
        found = results(workstation, url, "--env dev --model lab/echo", **KEY)
    assert {check for check, result in found.items() if result == "fail"} == expected


def test_every_check_has_a_round_that_it_fails_in() -> None:
    """None of them is decoration."""
    assert set().union(*(expected for _, expected in ROUNDS.values())) == set(CHECKS)


def with_ruvector(**figures: object) -> Spoil:
    return edited(lambda body: body["persistence"]["ruvector"].update(configured=True, **figures))


@pytest.mark.parametrize("delivered", [None, 7])
def test_an_event_that_is_not_delivered_fails(
    workstation: Workstation, verified_gateway: GatewayProcess, delivered: int | None
) -> None:
    """Unknown is no success, and neither is a figure that does not move."""
    with tampering_proxy(verified_gateway.url, {"/agents/status": with_ruvector(delivered=delivered)}) as url:
        assert results(workstation, url, "--env dev", **KEY)["decision-event"] == "fail"


@pytest.mark.parametrize("figures", [{"delivered": 7}, {"delivered": 7, "reachable": False}])
def test_telemetry_that_is_not_delivered_fails(
    workstation: Workstation, verified_gateway: GatewayProcess, figures: dict[str, object]
) -> None:
    """A figure that does not move, a peer that is away."""
    spoiled = {"/agents/status": edited(lambda body: body.update(telemetry=told(**figures)))}
    with tampering_proxy(verified_gateway.url, spoiled) as url:
        assert results(workstation, url, "--env dev", **KEY)["telemetry"] == "fail"


def test_in_prod_nothing_is_skipped(tmp_path: Path) -> None:
    """Decision event and telemetry have really arrived at their services, and strangers are refused."""
    stand_in = Child([sys.executable, str(RUVECTOR), "0"], tmp_path / "ruvector", {})
    ruvector = f"http://127.0.0.1:{stand_in.until_printed(r'port ([0-9]+)')[1]}"
    environment = {
        "PLATFORM_ENV": "prod",
        "RUVECTOR_SERVICE_URL": ruvector,
        "TELEMETRY_ENDPOINT": f"{ruvector}/v1/telemetry",
        "LLM_GATEWAY_API_KEYS": "client-key-1",
    }
    station = Workstation(tmp_path / "workstation")
    with running_gateway("--lab", environment=environment) as started:
        done = station.run(f"{VERIFY} {started.url} --env prod --format json", **KEY)
    events = httpx.get(f"{ruvector}/events", trust_env=False).json()
    spans = httpx.get(f"{ruvector}/spans", trust_env=False).json()
    stand_in.process.kill()
    stand_in.process.wait()
    assert [check["result"] for check in json.loads(done.stdout)["checks"]] == ["pass"] * len(CHECKS)
    assert any(event["type"] == "route_select" for event in events)
    assert [span["model"] for span in spans if span["status"] == "OK"] == ["lab/echo"]


def test_prod_does_not_excuse_what_dev_does(tmp_path: Path) -> None:
    """No event service, no telemetry, no client keys: each is a failure."""
    station = Workstation(tmp_path / "workstation")
    with running_gateway(
        "--lab", environment={"PLATFORM_ENV": "staging", "LLM_GATEWAY_AUTH": "none"}
    ) as open_one:
        found = results(station, open_one.url)
    assert {name for name, result in found.items() if result == "fail"} == {
        "status",
        "decision-event",
        "telemetry",
        "auth",
    }


def test_a_gateway_without_a_usable_provider_fails(tmp_path: Path) -> None:
    """NoHealthyProviders, seen from outside."""
    station = Workstation(tmp_path / "workstation")
    nothing = {"PLATFORM_ENV": "staging", "LLM_GATEWAY_AUTH": "none"}
    with running_gateway(environment=nothing, until="listening") as started:
        found = results(station, started.url)
    assert found["ready"] == found["health"] == found["route"] == "fail"
    assert found["chat"] == "skip"


def test_an_identity_token_goes_with_every_question(workstation: Workstation, tmp_path: Path) -> None:
    """In the header that Cloud Run takes for itself, with and without a client key, and in no argument."""
    seen: list[tuple[str, str | None, str | None]] = []

    class Recorder(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = self.headers
            seen.append((self.path, headers["X-Serverless-Authorization"], headers["Authorization"]))
            self.send_error(404)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with served(Recorder) as url:
        results(workstation, url, CLOUD_RUN_TOKEN="identity-7", **KEY)
    assert {token for _, token, _ in seen} == {"Bearer identity-7"}
    assert {key for _, _, key in seen} == {"Bearer client-key-1", None}
    assert not [call for call in workstation.calls("curl") if "identity-7" in call]


@pytest.mark.parametrize("arguments", ["--format xml", "nonsense", "--model"])
def test_wrong_arguments_end_with_2(tmp_path: Path, arguments: str) -> None:
    """With the usage."""
    done = Workstation(tmp_path / "workstation").run(f"{VERIFY} {arguments}")
    assert done.returncode == 2 and "usage: verify.sh" in done.stderr
