"""InstanceNotes: who wrote a worker's directory."""

from __future__ import annotations

import json
from pathlib import Path

from llm_gateway.adapters.decision_log.instance_notes import NAME, InstanceNotes
from llm_gateway.adapters.decision_log.retention import let_go
from llm_gateway.adapters.decision_log.segment import segments


def noted(directory: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads((directory / NAME).read_text())
    return found


def test_each_start_adds_an_entry(tmp_path: Path) -> None:
    """With the time since when the records are its own, in milliseconds."""
    InstanceNotes(lambda: tmp_path, 1764000000.25)("first")
    InstanceNotes(lambda: tmp_path, 1764000009.0)("second")
    assert noted(tmp_path) == [
        {"instance": "first", "since": 1764000000250},
        {"instance": "second", "since": 1764000009000},
    ]


def test_the_file_stays_small(tmp_path: Path) -> None:
    """The hundred newest are enough for a spool that lets old records go."""
    for number in range(103):
        InstanceNotes(lambda: tmp_path, float(number))(f"i-{number}")
    assert [entry["instance"] for entry in noted(tmp_path)] == [f"i-{number}" for number in range(3, 103)]


def test_it_is_no_segment(tmp_path: Path) -> None:
    """Neither read as records nor let go with them."""
    directory = tmp_path / "worker-0"
    directory.mkdir()
    InstanceNotes(lambda: directory, 0.0)("a")
    assert segments(directory) == [] and let_go(tmp_path, 0).segments == ()
    assert (directory / NAME).exists()


def test_notes_that_cannot_be_read_are_begun_anew(tmp_path: Path) -> None:
    """They are a help, nothing that a start depends on."""
    (tmp_path / NAME).write_bytes(b"\x00" * 40)
    InstanceNotes(lambda: tmp_path, 1.0)("a")
    assert noted(tmp_path) == [{"instance": "a", "since": 1000}]
