"""`agent route --local`: the gateway's use case without a gateway."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.entrypoints.cli.offline import configured, run


def local(directory: Path, *arguments: str) -> tuple[str, ...]:
    return ("agent", "route", "--local", "--config", str(configured(directory)), *arguments)


def test_it_decides_by_the_file(tmp_path: Path) -> None:
    """The same document as a gateway's; a dry run, and it says so."""
    result = run("--json", *local(tmp_path, "-m", "m"))
    found = json.loads(result.output)
    assert (result.exit_code, found["output"]["provider_id"]) == (0, "a")
    assert found["output"]["fallback_providers"] == ["b"]
    assert found["dry_run"] is True


def test_the_context_is_what_rules_look_at(tmp_path: Path) -> None:
    """--context '{"tier": "gold"}'."""
    result = run("--json", *local(tmp_path, "-m", "m", "--context", '{"tier": "gold"}'))
    assert json.loads(result.output)["output"]["decision"]["matched_rules"] == ["gold"]


def test_fallback_can_be_forbidden(tmp_path: Path) -> None:
    """--no-fallback."""
    result = run("--json", *local(tmp_path, "-m", "m", "--no-fallback"))
    assert json.loads(result.output)["output"]["fallback_providers"] == []


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    """No spool, no history, no counters."""
    arguments = local(tmp_path, "-m", "m")
    run(*arguments)
    assert [path.name for path in tmp_path.iterdir()] == ["gateway.yaml"]


def test_an_unknown_model(tmp_path: Path) -> None:
    """Exit code 1, one line."""
    result = run(*local(tmp_path, "-m", "x"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "model_not_found" in result.stderr and result.stderr.count("\n") == 1


def test_a_broken_file(tmp_path: Path) -> None:
    """Exit code 78 and the line."""
    path = configured(tmp_path, "routing: {strategy: fastest}\n")
    result = run("agent", "route", "--local", "--config", str(path), "-m", "m")
    assert (result.exit_code, result.stdout) == (78, "")
    assert "gateway.yaml:1" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("-m", "m", "--context", "{"),
        ("-m", "m", "--context", "[1]"),
        ("-m", "m", "--config", "gateway.yaml"),
        ("-m", "m", "--format", "xml"),
    ],
)
def test_what_cannot_be_meant(arguments: tuple[str, ...]) -> None:
    """Exit code 2."""
    assert run("agent", "route", *arguments).exit_code == 2
