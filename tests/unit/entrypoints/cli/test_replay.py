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


@pytest.mark.parametrize("bit", [0x01, 0x80])
def test_a_flipped_bit_anywhere(tmp_path: Path, bit: int) -> None:
    """One line on standard error or a difference, exit code 1, never a traceback."""
    spool = tmp_path / "small"
    spool_with(spool, snapshot_of(configured(tmp_path)), ["m"])
    sound = segment(spool).read_bytes()
    for position in {*range(0, len(sound), 29), *range(len(sound) - 3, len(sound))}:
        altered = bytearray(sound)
        altered[position] ^= bit
        segment(spool).write_bytes(altered)
        for source in (spool, segment(spool)):
            result = run("replay", str(source))
            assert result.exit_code == 1 and isinstance(result.exception, SystemExit), (position, result)
            assert result.stderr.count("\n") <= 1, position


def test_the_place_of_what_is_altered(spool: Path) -> None:
    """`<file>:<line>`, for replay and for backtest."""
    lines = segment(spool).read_bytes().splitlines(keepends=True)
    lines[1] = lines[1].replace(b'"agent_id":', b'"agent_id";')
    segment(spool).write_bytes(b"".join(lines))
    for command in (("replay", str(spool)), ("backtest", "-c", "gateway.yaml", "-e", str(spool))):
        result = run(*command)
        assert result.exit_code == 1
        assert f"{segment(spool)}:2 is not JSON" in result.stderr and result.stderr.count("\n") == 1


@pytest.mark.parametrize("command", [("replay",), ("backtest", "-c", "gateway.yaml", "-e")])
def test_values_of_other_types(spool: Path, command: tuple[str, ...]) -> None:
    """A record whose model is a number cannot be decided: said with its place."""
    record = json.loads(segment(spool).read_text().splitlines()[0])
    record["replay"]["facts"]["model"] = 7
    Path("events.jsonl").write_text(json.dumps(record))
    result = run(*command, "events.jsonl", *(("-c", "gateway.yaml") if command == ("replay",) else ()))
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
    assert "events.jsonl:1 is not the record of a decision" in result.stderr


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


@pytest.mark.parametrize("content", [b"\x80\xff", b"[" * 100_000, b"\x00" * 9])
def test_what_is_no_text(content: bytes) -> None:
    """Bytes that no reader of JSON takes."""
    Path("events.jsonl").write_bytes(content)
    result = run("replay", "events.jsonl")
    assert result.exit_code == 1
    assert "events.jsonl is not JSON" in result.stderr and result.stderr.count("\n") == 1


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
