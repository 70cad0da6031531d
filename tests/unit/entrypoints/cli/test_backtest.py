"""`backtest`: what a draft would change, and whether that is too much."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.entrypoints.cli.offline import CONFIGURATION, configured, run, snapshot_of, spool_with


@pytest.fixture
def spool(tmp_path: Path) -> str:
    models = ["m"] * 9 + ["n"]
    spool_with(tmp_path / "spool", snapshot_of(configured(tmp_path)), models)
    return str(tmp_path / "spool")


def draft(directory: Path, before: str, after: str) -> str:
    assert before in CONFIGURATION
    return str(configured(directory, CONFIGURATION.replace(before, after), "draft.yaml"))


def test_nothing_changes(spool: str) -> None:
    """The configuration of the time."""
    result = run("backtest", "-c", "gateway.yaml", "-e", spool)
    assert result.exit_code == 0
    assert "within the threshold" in result.output


def test_routes_that_change(spool: str, tmp_path: Path) -> None:
    """Nine of ten go elsewhere: too many, unless that is what is wanted."""
    moved = draft(tmp_path, "api_key: k,", "api_key: k, priority: 1,")
    result = run("--json", "backtest", "-c", moved, "-e", spool)
    found = json.loads(result.output)
    assert (result.exit_code, found["changed"], found["exceeded"]) == (1, 9, True)
    (change,) = found["changes"]
    assert (change["before"], change["after"], change["count"]) == ("a/m", "b/m", 9)
    assert run("backtest", "-c", moved, "-e", spool, "--threshold", "0.95").exit_code == 0


def test_a_cheaper_draft(spool: str, tmp_path: Path) -> None:
    """Nine requests of 1,000 tokens in and 500 out, at half the input price."""
    cheaper = draft(tmp_path, 'input_price: "1"', 'input_price: "0.5"')
    found = json.loads(run("--json", "backtest", "-c", cheaper, "-e", spool).output)
    assert found["cost"] == {
        "priced_decisions": 9,
        "before_usd": "0.018",
        "after_usd": "0.0135",
        "delta_usd": "-0.0045",
    }


def test_a_request_that_loses_its_last_route(spool: str, tmp_path: Path) -> None:
    """Always too much, whatever the threshold."""
    without = draft(tmp_path, "models: [m, n]", "models: [m]")
    result = run("backtest", "-c", without, "-e", spool, "--threshold", "1")
    assert result.exit_code == 1
    assert "reject:model_not_found" in result.output


def test_nothing_to_test_with(tmp_path: Path) -> None:
    """Exit code 1; a broken draft is 78."""
    path = configured(tmp_path)
    (tmp_path / "empty.jsonl").write_text("")
    assert run("backtest", "-c", str(path), "-e", "empty.jsonl").exit_code == 1
    broken = configured(tmp_path, "x: 1", "broken.yaml")
    assert run("backtest", "-c", str(broken), "-e", "empty.jsonl").exit_code == 78
