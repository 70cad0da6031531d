"""`config …`: shown masked, checked whole, written once, reverted."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from llm_gateway.adapters.clock import SystemClock
from llm_gateway.application.reload_configuration import open_configuration
from llm_gateway.entrypoints.container import tools
from llm_gateway.entrypoints.settings import load_settings
from tests.unit.entrypoints.cli.offline import CONFIGURATION, configured, run


@pytest.mark.parametrize("option", [(), ("--format", "json")])
def test_show_masks_every_credential(tmp_path: Path, option: tuple[str, ...]) -> None:
    """Defaults included, as YAML unless asked otherwise."""
    result = run("config", "show", "-c", str(configured(tmp_path)), *option)
    found = yaml.safe_load(result.output)
    assert (result.exit_code, found["providers"][0]["id"]) == (0, "a")
    assert found["resilience"]["retry"]["max_attempts"] == 3
    assert "sk-never-shown" not in result.output


def test_validate(tmp_path: Path) -> None:
    """What it found, and the hash that a gateway would report."""
    result = run("config", "validate", str(configured(tmp_path)))
    assert (result.exit_code, result.stderr) == (0, "")
    assert "is valid: 2 providers, 1 rules" in result.stdout
    found = json.loads(run("--json", "config", "validate", "--config", "gateway.yaml").stdout)
    assert found["snapshot_hash"] in result.stdout


def test_validate_names_every_mistake(tmp_path: Path) -> None:
    """Exit code 78, a line each."""
    path = configured(tmp_path, "routin: {}\nserver: {port: 99999}\n")
    result = run("config", "validate", str(path))
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (78, "", 2)
    assert "gateway.yaml:1" in result.stderr and "gateway.yaml:2" in result.stderr
    assert result.stderr.count("did you mean") == 1


def test_what_init_writes_is_valid(tmp_path: Path) -> None:
    """And is not written over what is there."""
    assert run("config", "init").exit_code == 0
    assert run("config", "validate", "gateway.yaml").exit_code == 0
    again = run("config", "init")
    assert (again.exit_code, "--force" in again.stderr) == (1, True)
    assert run("config", "init", "--force").exit_code == 0
    assert run("config", "init", "-o", "-").output == (tmp_path / "gateway.yaml").read_text()


def test_the_schema_takes_what_validate_takes() -> None:
    """For editors."""
    schema = json.loads(run("config", "schema").output)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(yaml.safe_load(CONFIGURATION), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"routin": {}}, schema)


def test_history_and_revert(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was in force is listed, newest first, and can be written back (written-out keys cannot)."""
    monkeypatch.setenv("UPSTREAM", "k")
    text = CONFIGURATION.replace("sk-never-shown", "${UPSTREAM}").replace("key: k,", "key: '${UPSTREAM}',")
    path = configured(tmp_path, text)
    for version in (text, text.replace("name: gold", "name: silver")):
        path.write_text(version)
        open_configuration(tools.written_stores(load_settings(config=path)), SystemClock())
    versions = json.loads(run("--json", "config", "history", "-c", str(path)).output)
    assert len(versions) == 2
    result = run("config", "revert", versions[1]["id"], "-c", str(path))
    assert (result.stderr, result.exit_code, path.read_text()) == ("", 0, text)
    assert versions[0]["id"] in run("config", "history", "-c", str(path)).output


def test_revert_to_nothing_known(tmp_path: Path) -> None:
    """Exit code 1, and where to look."""
    result = run("config", "revert", "nope", "-c", str(configured(tmp_path)))
    assert (result.exit_code, "config history" in result.stderr) == (1, True)
