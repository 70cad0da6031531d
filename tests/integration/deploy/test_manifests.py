"""The files under deploy/ against their schemas and linters, and what the gateway reads and exports."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from jsonschema.validators import validator_for
from typer.testing import CliRunner

from llm_gateway.adapters.metrics.families import FAMILIES
from llm_gateway.application.configuration import GatewayConfiguration
from llm_gateway.entrypoints.cli.app import app
from llm_gateway.entrypoints.settings import Settings, load_settings
from llm_gateway.entrypoints.unused_settings import unused_settings
from tests.integration.deploy.expressions import expressions
from tests.integration.deploy.workstation import ROOT, Workstation

DEPLOY = ROOT / "deploy"
BIN = Path(sys.executable).parent
KUBERNETES = sorted(
    path for path in (DEPLOY / "kubernetes").glob("*.yaml") if path.name != "kustomization.yaml"
)
ENVIRONMENTS = ("dev", "staging", "prod")
GUIDE = {  # the deployment guide's "Required Environment Variables"
    "SERVICE_NAME",
    "SERVICE_VERSION",
    "PLATFORM_ENV",
    "RUVECTOR_SERVICE_URL",
    "RUVECTOR_API_KEY",
    "TELEMETRY_ENDPOINT",
    "OTEL_ENABLED",
    "OTEL_SERVICE_NAME",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OPENAI_API_KEY",
    "ANTHROPIC_API_KEY",
    "GOOGLE_API_KEY",
}
PEERS = {"COSTOPS_URL", "POLICY_ENGINE_URL", "SHIELD_URL", "GOVERNANCE_ENDPOINT"}
OPTIONAL_SECRETS = ("google-api-key", "optimizer-webhook-secret", "gateway-shared-secret")
_METRIC = re.compile(r"llm_gateway_[a-z_]+")
_EXPORTED = {name for family in FAMILIES for name in (family.name, f"{family.name}_bucket")}


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def lint(*command: str | Path) -> str:
    done = subprocess.run(
        [str(BIN / command[0]), *map(str, command[1:])], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The Cloud Run service as deploy.sh renders it, with all optional secrets and peers."""
    place = tmp_path_factory.mktemp("render")
    station = Workstation(place / "workstation")
    secrets = {**station.world["secrets"], **dict.fromkeys(OPTIONAL_SECRETS, "s")}
    station.update(secrets=secrets, projects=["some-project"])
    copy = shutil.copytree(DEPLOY, place / "deploy")
    for path in (copy / "env").iterdir():
        path.write_text(re.sub("^# ([A-Z_]+: )", r"\1", path.read_text(), flags=re.MULTILINE))
    done = station.run(f"{copy}/scripts/deploy.sh --env {request.param} --project some-project --dry-run")
    assert done.returncode == 0, done.stderr
    rendered: dict[str, Any] = yaml.safe_load(done.stdout)
    return rendered


def container(service: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = service["spec"]["template"]["spec"]["containers"][0]
    return found


def variables_read() -> set[str]:
    """What the gateway takes from its environment."""
    return {str(field.validation_alias or name.upper()) for name, field in Settings.model_fields.items()}


def test_scripts_are_clean_for_shellcheck() -> None:
    """Sourced files followed."""
    assert lint("shellcheck", "-x", *sorted((DEPLOY / "scripts").glob("*.sh"))) == ""


def test_the_dockerfile_is_clean_for_hadolint() -> None:
    """Without exceptions."""
    assert lint("hadolint", DEPLOY / "cloud-run" / "Dockerfile") == ""


@pytest.mark.parametrize(
    ("schema", "path"), [("cloudbuild", "cloud-run/cloudbuild.yaml"), ("compose-spec", "compose.yaml")]
)
def test_cloud_build_and_compose_fit_their_schemas(schema: str, path: str) -> None:
    """The published ones, as check-jsonschema carries them."""
    text = (files("check_jsonschema") / "builtin_schemas" / "vendor" / f"{schema}.json").read_text()
    check = validator_for(json.loads(text))(json.loads(text))
    assert [error.message for error in check.iter_errors(load(DEPLOY / path))] == []


@pytest.mark.parametrize("path", KUBERNETES, ids=lambda path: path.stem)
def test_kubernetes_objects_fit_their_schemas(path: Path) -> None:
    """Strict: an unknown field is an error."""
    kubernetes_validate.validate(load(path), "1.31", strict=True)


def test_the_kustomization_lists_every_file() -> None:
    """And nothing else."""
    listed = load(DEPLOY / "kubernetes" / "kustomization.yaml")["resources"]
    assert sorted(listed) == [path.name for path in KUBERNETES]


def test_the_container_of_the_service_is_one_of_kubernetes(service: dict[str, Any]) -> None:
    """Cloud Run has no published schema; its container is Kubernetes' own, whose schema is strict."""
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "gateway"}}
    kubernetes_validate.validate({**pod, "spec": {"containers": [container(service)]}}, "1.31", strict=True)


def test_the_service_has_all_environment_of_the_guide(service: dict[str, Any]) -> None:
    """Whatever the environment; secrets by reference only."""
    variables = {variable["name"]: variable for variable in container(service)["env"]}
    assert variables.keys() >= GUIDE | PEERS
    secret = ("_KEY", "_KEYS", "_SECRET")
    assert all("valueFrom" in variable for name, variable in variables.items() if name.endswith(secret))


def test_a_peer_without_an_address_is_left_out(tmp_path: Path) -> None:
    """As the environments are delivered: an empty address would be refused at start."""
    done = Workstation(tmp_path / "workstation").run("deploy/scripts/deploy.sh --env dev --dry-run")
    names = {variable["name"] for variable in container(yaml.safe_load(done.stdout))["env"]}
    assert names >= GUIDE - {"GOOGLE_API_KEY"} and not names & PEERS


def test_the_gateway_reads_each_variable_of_the_config_map() -> None:
    """And it has all of the guide's that are no secrets."""
    names = set(load(DEPLOY / "kubernetes" / "config-map.yaml")["data"])
    assert {name for name in GUIDE if not name.endswith("_KEY")} <= names <= variables_read()


def test_the_gateway_reads_each_variable_of_the_service(service: dict[str, Any]) -> None:
    """A misspelt one would be without effect."""
    assert {variable["name"] for variable in container(service)["env"]} <= variables_read()


def test_everything_that_the_service_sets_has_an_effect(
    service: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gateway names at start what it does not use: nothing here."""
    for variable in container(service)["env"]:
        monkeypatch.setenv(variable["name"], variable.get("value", "a-secret"))
    settings = load_settings()
    assert unused_settings(settings, GatewayConfiguration()) == ()
    assert settings.telemetry_endpoint and settings.otel_enabled and settings.governance_endpoint


def test_the_spool_fits_into_the_memory(service: dict[str, Any]) -> None:
    """On Cloud Run it is made of it: half of the memory is left to the processes."""
    limits = container(service)["resources"]["limits"]
    bound = next(item["value"] for item in container(service)["env"] if item["name"].endswith("MAX_BYTES"))
    mebibytes = int(limits["memory"].removesuffix("Mi").replace("Gi", "")) * (
        1024 if "Gi" in limits["memory"] else 1
    )
    assert int(bound) <= mebibytes * 1024**2 / 2


def test_the_project_is_filled_in_everywhere(service: dict[str, Any]) -> None:
    """No placeholder is left, and no other project."""
    text = json.dumps(service)
    assert "{project}" not in text and "${" not in text and "agentics-" not in text


def test_every_environment_says_the_same_things() -> None:
    """Each key fills a place of the service, or is read by a script."""
    files = [load(DEPLOY / "env" / f"{name}.yaml") for name in ENVIRONMENTS]
    assert files[0].keys() == files[1].keys() == files[2].keys()
    text = (DEPLOY / "cloud-run" / "service.yaml").read_text() + (
        DEPLOY / "scripts" / "deploy.sh"
    ).read_text()
    assert [key for key in files[0] if f"${{{key}}}" not in text and f"SETTINGS[{key}]" not in text] == []


def test_cloud_build_deploys_what_it_tested() -> None:
    """Test, build, push, deploy; the substitution of the guide is known."""
    build = load(DEPLOY / "cloud-run" / "cloudbuild.yaml")
    assert [step["id"] for step in build["steps"]] == ["test", "build", "push", "deploy-and-verify"]
    assert "_PLATFORM_ENV" in build["substitutions"]
    assert '--image "$$image"' in build["steps"][-1]["args"][-1]


@pytest.mark.parametrize("name", expressions())
def test_expressions_use_exported_metrics_only(name: str) -> None:
    """A name that nobody exports makes an alert that never fires."""
    used = set(_METRIC.findall(expressions()[name]))
    assert used and used <= _EXPORTED


@pytest.mark.parametrize("name", expressions())
def test_expressions_use_labels_that_their_metrics_have(name: str) -> None:
    """In matchers and in groupings; `le` is a histogram's own."""
    expression = expressions()[name]
    used = {label for part in re.findall(r"by \(([^)]*)\)", expression) for label in part.split(", ")}
    used |= set(re.findall(r"[{,]\s*([a-z_]+)\s*=~?\"", expression))
    families = [
        family for family in FAMILIES if family.name in _METRIC.findall(expression.replace("_bucket", ""))
    ]
    assert used <= {"le"}.union(*(family.labels for family in families))


def test_the_configuration_of_the_trial_is_valid() -> None:
    """The file that compose.yaml mounts, for the gateway's own check."""
    arguments = ["config", "validate", str(DEPLOY / "compose" / "gateway.yaml")]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0 and "is valid" in done.output


def test_the_autoscaler_goes_by_an_exported_metric() -> None:
    """By the requests in flight."""
    scaler = load(DEPLOY / "kubernetes" / "horizontal-pod-autoscaler.yaml")
    assert scaler["spec"]["metrics"][0]["pods"]["metric"]["name"] in _EXPORTED


def test_every_alert_names_a_section_of_the_runbook() -> None:
    """What to do is one click away."""
    headings = re.findall(r"^#+ (.*)$", (DEPLOY / "README.md").read_text(), re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    for group in load(DEPLOY / "monitoring" / "alerts.yaml")["groups"]:
        for rule in group["rules"]:
            assert rule["annotations"]["runbook"].partition("#")[2] in anchors, rule["alert"]
