"""deploy.sh with a recording gcloud and docker; verification is real, on a started gateway."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

from tests.e2e.gateway_process import GatewayProcess
from tests.integration.deploy.workstation import DIGEST, ROOT, SECRETS, Workstation

DEPLOY = "./deploy/scripts/deploy.sh"
NOBODY = "http://127.0.0.1:1"  # where no gateway answers: verification fails
OLD = {"revisionName": "old-1", "percent": 100}
ROLES = {
    "roles/secretmanager.secretAccessor",
    "roles/run.invoker",
    "roles/logging.logWriter",
    "roles/monitoring.metricWriter",
    "roles/cloudtrace.agent",
}


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory, verified_gateway: GatewayProcess) -> Workstation:
    """After a deployment over a revision that serves. Tests look at it only."""
    made = Workstation(tmp_path_factory.mktemp("deployed") / "workstation", verified_gateway.url)
    made.update(traffic=[OLD], revisions=["old-1"])
    done = made.run(f"{DEPLOY} --env dev")
    assert done.returncode == 0, done.stderr + done.stdout
    return made


def test_a_deployment_makes_its_calls_in_this_order(deployed: Workstation) -> None:
    """Traffic moves after everything else, verification included."""
    assert [" ".join(call.split()[:3]) for call in deployed.changes()] == [
        "iam service-accounts create",
        *["projects add-iam-policy-binding agentics-dev"] * 5,
        "run services replace",
        "run services add-iam-policy-binding",
        "run services update-traffic",
        "run services update-traffic",
    ]
    assert "--build-arg BASE_IMAGE=python:3.11-slim" in deployed.calls("docker")[0]
    assert deployed.calls("docker")[1] == "push gcr.io/agentics-dev/llm-inference-gateway:latest"
    assert deployed.serving() == [deployed.world["revisions"][-1]]


def test_the_new_revision_starts_without_traffic(deployed: Workstation) -> None:
    """Until it is verified, the old one has all of it."""
    new, old = deployed.world["manifests"][0]["spec"]["traffic"]
    assert new["percent"] == 0 and new["tag"] == "candidate"
    assert old == OLD


def test_the_image_is_deployed_by_its_digest(deployed: Workstation) -> None:
    """What was verified cannot change under its name."""
    container = deployed.world["manifests"][0]["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == DIGEST


def test_a_verified_revision_is_tagged_with_the_time(deployed: Workstation) -> None:
    """rollback.sh finds it by that tag; `candidate` is free again."""
    tags = [entry["tag"] for entry in deployed.world["traffic"] if "tag" in entry]
    assert len(tags) == 1 and re.fullmatch(r"verified-\d{14}", tags[0])


def test_no_secret_is_ever_an_argument(deployed: Workstation) -> None:
    """Arguments are visible to every process of a machine."""
    everything = deployed.calls() + deployed.calls("curl")
    assert deployed.calls("curl")
    assert not [call for call in everything if any(value.split(",")[0] in call for value in SECRETS.values())]


def test_the_five_roles_are_granted_and_only_once(workstation: Workstation) -> None:
    """A second deployment creates and grants nothing."""
    workstation.update(failing=["container images describe"])
    for _ in range(2):
        assert workstation.run(f"{DEPLOY} --env dev --skip-build").returncode == 1
    assert sorted(workstation.world["roles"]) == sorted(ROLES)
    assert len(workstation.world["accounts"]) == 1


def test_failed_verification_leaves_traffic_where_it_was(workstation: Workstation) -> None:
    """And no tag says that the revision was verified."""
    workstation.update(traffic=[OLD], url=NOBODY)
    done = workstation.run(f"{DEPLOY} --env dev --skip-build")
    assert done.returncode == 1 and "failed its verification; traffic is where it was" in done.stderr
    assert workstation.serving() == ["old-1"]
    assert not any("update-traffic" in call for call in workstation.calls())


def test_a_revision_that_does_not_start_leaves_traffic_where_it_was(workstation: Workstation) -> None:
    """The message says how to see why."""
    workstation.update(traffic=[OLD], failing=["run services replace"])
    done = workstation.run(f"{DEPLOY} --env dev --skip-build")
    assert done.returncode == 1 and "did not start" in done.stderr and "logging read" in done.stderr
    assert workstation.serving() == ["old-1"]


def test_the_first_deployment_takes_the_traffic_at_once(workstation: Workstation) -> None:
    """There is nothing else that could serve; when it fails, nobody is told that traffic is safe."""
    workstation.update(url=NOBODY)
    done = workstation.run(f"{DEPLOY} --env dev --skip-build")
    (new,) = workstation.world["manifests"][0]["spec"]["traffic"]
    assert new["percent"] == 100
    assert done.returncode == 1 and "nothing to go back to" in done.stderr


def test_after_a_failed_first_deployment_the_next_one_is_verified_first(workstation: Workstation) -> None:
    """The broken revision keeps its traffic and loses the tag, until the new one is verified."""
    workstation.update(traffic=[{"revisionName": "broken", "percent": 100, "tag": "candidate"}])
    done = workstation.run(f"{DEPLOY} --env dev --dry-run")
    _, old = yaml.safe_load(done.stdout)["spec"]["traffic"]
    assert old["revisionName"] == "broken" and old["percent"] == 100 and "tag" not in old


@pytest.mark.parametrize("name", ["ruvector-api-key", "openai-api-key", "anthropic-api-key"])
def test_a_missing_secret_stops_before_any_change(workstation: Workstation, name: str) -> None:
    """With the command that creates it; no value is made up."""
    workstation.update(secrets={key: value for key, value in SECRETS.items() if key != name})
    done = workstation.run(f"{DEPLOY} --env dev")
    assert done.returncode == 1
    assert f"gcloud secrets create {name} --project agentics-dev --data-file=-" in done.stderr
    assert workstation.changes() == [] and workstation.calls("docker") == []


def test_prod_wants_client_keys(workstation: Workstation) -> None:
    """Where dev does without."""
    workstation.update(secrets={key: "x" for key in SECRETS if key != "gateway-client-keys"})
    done = workstation.run(f"{DEPLOY} --project agentics-prod --env prod --region us-central1")
    assert done.returncode == 1 and "gcloud secrets create gateway-client-keys" in done.stderr


@pytest.mark.parametrize("exists", [False, True])
def test_an_optional_secret_is_referred_to_when_it_exists(workstation: Workstation, exists: bool) -> None:
    """Cloud Run refuses a reference to a secret that is not there."""
    workstation.update(secrets={**SECRETS, **({"google-api-key": "g-1"} if exists else {})})
    done = workstation.run(f"{DEPLOY} --env dev --dry-run")
    assert ("GOOGLE_API_KEY" in done.stdout) is exists


def test_a_wrong_project_stops_at_once(workstation: Workstation) -> None:
    """Its name is in the message."""
    done = workstation.run(f"{DEPLOY} --env dev --project nowhere")
    assert done.returncode == 1 and "project 'nowhere' does not exist" in done.stderr
    assert len(workstation.calls()) == 1


def test_a_dry_run_changes_nothing(workstation: Workstation) -> None:
    """And prints the service as it would be."""
    workstation.update(traffic=[OLD])
    done = workstation.run(f"{DEPLOY} --env dev --dry-run")
    assert done.returncode == 0 and "revisionName: old-1" in done.stdout
    assert workstation.changes() == [] and workstation.calls("docker") == []


@pytest.mark.parametrize("part", ["build", "push"])
def test_a_failed_build_or_push_deploys_nothing(workstation: Workstation, part: str) -> None:
    """The step is named."""
    done = workstation.run(f"{DEPLOY} --env dev", DOCKER_FAILS=part)
    assert done.returncode == 1 and "the image could not be" in done.stderr
    assert workstation.world["manifests"] == []


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("secrets list", "the secrets of 'agentics-dev' cannot be listed"),
        ("iam service-accounts create", "could not be created"),
        ("projects get-iam-policy", "the IAM policy of 'agentics-dev' cannot be read"),
        ("projects add-iam-policy-binding", "could not be granted"),
        ("container images describe", "there is no image"),
        ("run services list", "the services of 'agentics-dev' in us-central1 cannot be listed"),
        ("run services add-iam-policy-binding", "could not be opened to its clients"),
        ("run services update-traffic", "is verified, but traffic could not be moved"),
        ("secrets versions access", "gateway-client-keys cannot be read"),
    ],
)
def test_each_failure_is_named(workstation: Workstation, command: str, message: str) -> None:
    """And ends the deployment with 1."""
    workstation.update(failing=[command])
    done = workstation.run(f"{DEPLOY} --env dev --skip-build")
    assert done.returncode == 1 and message in done.stderr


@pytest.mark.parametrize("name", ["BASE_IMAGE", "ALLOW_UNAUTHENTICATED", "MEMORY"])
def test_a_setting_that_is_missing_is_named(workstation: Workstation, tmp_path: Path, name: str) -> None:
    """Whether a script reads it or the service is filled in with it; nothing was changed by then."""
    copy = shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    settings = copy / "env" / "dev.yaml"
    settings.write_text(re.sub(f"^{name}:.*$", "", settings.read_text(), flags=re.MULTILINE))
    done = workstation.run(f"{copy}/scripts/deploy.sh --env dev --skip-build")
    assert done.returncode == 1 and name in done.stderr and "unbound" not in done.stderr
    assert workstation.world["manifests"] == []


@pytest.fixture
def closed(tmp_path: Path) -> str:
    """deploy.sh with a dev environment that not everybody may call."""
    copy = shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    settings = copy / "env" / "dev.yaml"
    text = settings.read_text().replace('ALLOW_UNAUTHENTICATED: "true"', 'ALLOW_UNAUTHENTICATED: "false"')
    settings.write_text(text)
    return f"{copy}/scripts/deploy.sh --env dev --skip-build"


def test_a_closed_service_is_verified_by_a_caller_with_an_identity(
    workstation: Workstation, closed: str
) -> None:
    """What was open before is closed; the token is no argument of anything."""
    done = workstation.run(closed)
    assert done.returncode == 0, done.stdout + done.stderr
    changes = [change for change in workstation.changes() if "policy-binding llm-inference" in change]
    assert len(changes) == 1 and "remove-iam-policy-binding" in changes[0] and "allUsers" in changes[0]
    assert not [call for call in workstation.calls("curl") if "an-identity-token" in call]


def test_a_service_that_is_closed_already_is_left_so(workstation: Workstation, closed: str) -> None:
    """Removing what is not there would fail."""
    workstation.update(callers=[])
    assert workstation.run(closed).returncode == 0
    assert not [call for call in workstation.calls() if "remove-iam-policy-binding" in call]


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("auth print-identity-token", "there is no identity token"),
        ("run services get-iam-policy", "the IAM policy of llm-inference-gateway cannot be read"),
        ("run services remove-iam-policy-binding", "could not be closed to the public"),
    ],
)
def test_failures_of_closing_are_named(
    workstation: Workstation, closed: str, command: str, message: str
) -> None:
    """And no traffic is given to what was not verified."""
    workstation.update(failing=[command], traffic=[OLD])
    done = workstation.run(closed)
    assert done.returncode == 1 and message in done.stderr
    assert workstation.serving() == ["old-1"]


@pytest.mark.parametrize("arguments", ["", "--env", "--env dev --nonsense", "--env dev --project"])
def test_wrong_arguments_end_with_2(workstation: Workstation, arguments: str) -> None:
    """With the usage, and before any call."""
    done = workstation.run(f"{DEPLOY} {arguments}")
    assert done.returncode == 2 and "usage: deploy.sh" in done.stderr
    assert workstation.calls() == []
