"""Every command of the deployment guide, run as it is written there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.gateway_process import GatewayProcess, running_gateway
from tests.e2e.lab_process import LabProcess, running_lab
from tests.integration.deploy.workstation import ROOT, Workstation

_BLOCK = re.compile(r"^## (.*?)\n```bash\n(.*?)```", re.MULTILINE | re.DOTALL)
COMMANDS = dict(_BLOCK.findall((ROOT / "tests" / "data" / "deployment_guide_commands.md").read_text()))
SERVED = [
    {"revisionName": "llm-inference-gateway-00003-def", "percent": 100, "tag": "verified-20260103000000"},
    {"revisionName": "llm-inference-gateway-00002-abc", "tag": "verified-20260102000000"},
]


@pytest.fixture(scope="module")
def lab() -> Iterator[LabProcess]:
    with running_lab() as started:
        yield started


@pytest.fixture(scope="module")
def open_gateway(lab: LabProcess) -> Iterator[GatewayProcess]:
    """In dev, without client keys, with providers that have the guide's models."""
    models = "[{name: echo, aliases: [gpt-4, claude-3-opus]}]"
    account = f"{{id: openai, type: openai_compatible, base_url: '{lab.url}/v1', models: {models}}}"
    with running_gateway(configuration=f"providers: [{account}]\nauth: {{mode: none}}\n") as started:
        yield started


@pytest.fixture
def station(tmp_path: Path, open_gateway: GatewayProcess) -> Workstation:
    """In a project where two revisions were verified; Cloud Run's address is the started gateway's."""
    made = Workstation(tmp_path / "workstation", open_gateway.url)
    secrets = {name: value for name, value in made.world["secrets"].items() if name != "gateway-client-keys"}
    made.update(traffic=SERVED, revisions=[entry["revisionName"] for entry in SERVED], secrets=secrets)
    return made


@pytest.mark.parametrize(
    ("title", "calls"),
    [
        ("Quick Deploy (Dev)", ["run services replace", "run services update-traffic"]),
        ("Using Cloud Build", ["builds submit"]),
        ("Manual Deploy", ["run deploy"]),
        ("Run Verification Checklist", ["run services describe"]),
        ("Automatic Rollback", ["run services update-traffic"]),
        ("Manual Rollback", ["run revisions list", "run services update-traffic"]),
    ],
)
def test_it_works_as_written(station: Workstation, title: str, calls: list[str]) -> None:
    """Ends with 0, and Google Cloud was asked for what the guide means."""
    done = station.run(f"set -e\n{COMMANDS[title]}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(any(call.startswith(wanted) for call in station.calls()) for wanted in calls)


def test_full_deploy_goes_to_the_named_project(station: Workstation) -> None:
    """It stops at the verification here: the gateway that answers says that it is dev."""
    station.update(secrets={**station.world["secrets"], "gateway-client-keys": "client-key-1"})
    done = station.run(COMMANDS["Full Deploy (Production)"], VERIFY_PATIENCE_S="0")
    assert done.returncode == 1 and "says it is 'dev', not 'prod'" in done.stdout
    assert all("agentics-prod" in call for call in station.calls())
    assert station.serving() == ["llm-inference-gateway-00003-def"]


def test_manual_verification_shows_the_gateways_answers(station: Workstation) -> None:
    """Health, a decision, the configuration."""
    done = station.run(COMMANDS["Manual Verification"])
    assert done.returncode == 0
    assert all(part in done.stdout for part in ('"status":"healthy"', '"decision_id"', '"snapshot_hash"'))


def test_both_rollbacks_of_the_guide_come_to_the_same(station: Workstation) -> None:
    """The revision that the guide names is the last verified one here."""
    for title in ("Automatic Rollback", "Manual Rollback"):
        station.update(traffic=SERVED)
        assert station.run(COMMANDS[title]).returncode == 0
        assert station.serving() == ["llm-inference-gateway-00002-abc"]


@pytest.mark.parametrize("title", ["Agent Route", "Agent Inspect"])
def test_cli_commands_work_as_written(station: Workstation, open_gateway: GatewayProcess, title: str) -> None:
    """Against a running gateway."""
    done = station.run(f"set -e\n{COMMANDS[title]}", GATEWAY_URL=open_gateway.url)
    assert done.returncode == 0 and done.stderr == "" and "openai" in done.stdout


def test_status_works_as_written(station: Workstation, open_gateway: GatewayProcess) -> None:
    """The watch goes on until it is interrupted: here after its first picture, with SIGINT."""
    once, watch = COMMANDS["Agent Status"].split("# Watch mode\n")
    until_shown = 'until grep -q inference-routing "$HOME/shown"; do sleep 0.05; done; kill -INT %1'
    done = station.run(
        f'set -em\n{once}\n{watch.strip()} > "$HOME/shown" &\n{until_shown}\nwait %1',
        GATEWAY_URL=open_gateway.url,
    )
    assert done.returncode == 0, done.stderr
    assert "inference-routing" in done.stdout


def test_every_block_is_run_by_a_test() -> None:
    """None was forgotten."""
    text = Path(__file__).read_text()
    assert [title for title in COMMANDS if f'"{title}"' not in text] == []
