"""`replay`: byte for byte, or exit code 1 with what differs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.entrypoints.cli.offline import CONFIGURATION, configured, run, snapshot_of, spool_with


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    spool_with(tmp_path / "spool", snapshot_of(configured(tmp_path)), ["m", "n", "unheard-of"])
    return tmp_path / "spool"


def segment(spool: Path) -> Path:
    (found,) = spool.rglob("worker-*/*.jsonl")
    return found


def test_a_spool(spool: Path) -> None:
    """Every decision of it, rejections too."""
    result = run("replay", str(spool))
    assert (result.exit_code, result.output) == (0, "3 decisions replayed, 3 byte for byte the same\n")


def test_a_file_and_standard_input(spool: Path) -> None:
    """A segment of a spool knows its snapshots; elsewhere the configuration is given."""
    text = segment(spool).read_text()
    assert run("replay", str(segment(spool))).exit_code == 0
    piped = run("replay", "-", "--config", "gateway.yaml", input=text)
    assert (piped.exit_code, piped.output) == (0, "3 decisions replayed, 3 byte for byte the same\n")


def test_a_document_over_several_lines(spool: Path) -> None:
    """As people keep single records."""
    record = json.loads(segment(spool).read_text().splitlines()[0])
    Path("record.json").write_text(json.dumps(record, indent=2))
    assert run("replay", "record.json", "-c", "gateway.yaml").exit_code == 0


def test_a_decision_by_its_id(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the spool that the settings name."""
    monkeypatch.setenv("LLM_GATEWAY_SPOOL_DIR", str(spool))
    id = json.loads(segment(spool).read_text().splitlines()[0])["execution_ref"]
    assert f"{id}: exact" in run("-v", "replay", id).output


def test_an_altered_record_differs(spool: Path) -> None:
    """Exit code 1, and each place with both values."""
    text = segment(spool).read_text().replace('"selected_provider":"a"', '"selected_provider":"b"')
    segment(spool).write_text(text)
    result = run("replay", str(spool))
    assert result.exit_code == 1
    assert "outputs.selected_provider: stored 'b', recomputed 'a'" in result.output
    found = json.loads(run("--json", "replay", str(spool)).output)
    assert (found["exact"], len(found["differing"])) == (2, 1)


def test_another_configuration_differs(spool: Path, tmp_path: Path) -> None:
    """--config decides on that file."""
    other = configured(tmp_path, CONFIGURATION.replace("id: a", "id: c"), "other.yaml")
    result = run("replay", str(spool), "--config", str(other))
    assert result.exit_code == 1
    assert "snapshot: stored" in result.output


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "no decision to replay"),
        ("{}", "not the record of a decision"),
        ("x", "is not JSON"),
        ("[7]", "not the"),
    ],
)
def test_what_is_no_record(content: str, said: str) -> None:
    """Exit code 1 with the place."""
    Path("events.jsonl").write_text(content)
    result = run("replay", "events.jsonl")
    assert result.exit_code == 1
    assert said in result.stderr and result.stderr.count("\n") == 1


def test_a_snapshot_that_is_gone(spool: Path) -> None:
    """What to do is said."""
    for path in (spool / "configuration" / "snapshots").iterdir():
        path.unlink()
    result = run("replay", str(spool))
    assert result.exit_code == 1
    assert "--config" in result.stderr


def test_nothing_there() -> None:
    """Neither a file nor a decision."""
    assert run("replay", "nowhere").exit_code == 1
