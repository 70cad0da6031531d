"""`audit verify`: sound, or the first broken link by its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.entrypoints.cli.offline import configured, run, snapshot_of, spool_with


@pytest.fixture
def segment(tmp_path: Path) -> Path:
    spool_with(tmp_path / "spool", snapshot_of(configured(tmp_path)), ["m"] * 4)
    (found,) = (tmp_path / "spool").rglob("worker-*/*.jsonl")
    return found


def test_a_sound_spool(segment: Path) -> None:
    """As a table and as a document."""
    assert "sound" in run("audit", "verify", "spool").output
    (chain,) = json.loads(run("--json", "audit", "verify", "spool").output)
    assert (chain["records"], chain["sound"], chain["broken"]) == (4, True, None)


def test_an_altered_record_is_named(segment: Path) -> None:
    """Exit code 1; the records before it are still good."""
    lines = segment.read_text().splitlines(keepends=True)
    lines[2] = lines[2].replace('"selected_model":"m"', '"selected_model":"n"')
    segment.write_text("".join(lines))
    result = run("--json", "audit", "verify", "spool")
    (chain,) = json.loads(result.stdout)
    assert (result.exit_code, chain["records"]) == (1, 2)
    assert chain["broken"]["place"].endswith(":3")
    assert f"{segment.name}:3" in result.stderr


def test_a_removed_record_is_named(segment: Path) -> None:
    """By the one that follows the gap."""
    lines = segment.read_text().splitlines(keepends=True)
    segment.write_text("".join([lines[0], *lines[2:]]))
    result = run("audit", "verify", "spool")
    assert result.exit_code == 1
    assert "BROKEN" in result.stdout


@pytest.mark.parametrize("place", ["nowhere", "."])
def test_no_log_is_not_a_sound_log(place: str) -> None:
    """Exit code 1."""
    result = run("audit", "verify", place)
    assert (result.exit_code, "no decision log" in result.stderr) == (1, True)
