"""Segment: whole lines in either direction, whatever the size of the blocks they are read in."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_gateway.adapters.decision_log import segment as module
from llm_gateway.adapters.decision_log.segment import Segment, segments, worker_directories

LINES = st.lists(st.binary(max_size=20).map(lambda raw: raw.translate(None, b"\r\n") + b"\n"), max_size=8)


@settings(max_examples=200, deadline=None)
@given(lines=LINES, torn=st.sampled_from([b"", b"a", b"0123456789abcdef"]), block=st.integers(1, 30))
def test_whole_lines_come_in_both_orders(lines: list[bytes], torn: bytes, block: int) -> None:
    """A torn end is no line, wherever the block boundaries fall."""
    with tempfile.TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BLOCK_BYTES", block)
        segment = Segment.named(Path(directory), 1, 0)
        segment.path.write_bytes(b"".join(lines) + torn)
        assert list(segment.oldest_first()) == lines
        assert list(segment.newest_first()) == lines[::-1]


@pytest.mark.parametrize("block", [1, 5, 1000])
def test_a_needle_finds_its_whole_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    """The first line that holds it; a torn line is not searched."""
    monkeypatch.setattr(module, "_BLOCK_BYTES", block)
    segment = Segment.named(tmp_path, 1, 0)
    segment.path.write_bytes(b"one\ntwo x\nthree x\nfour y")
    assert segment.find(b" x") == b"two x\n"
    assert segment.find(b"four") is None


def test_a_vanished_segment_is_empty(tmp_path: Path) -> None:
    """Retention may delete a file between listing and reading."""
    segment = Segment.named(tmp_path, 1, 0)
    assert segment.size() == 0
    assert segment.find(b"x") is None
    assert list(segment.newest_first()) == []


def test_only_segments_are_listed_in_order(tmp_path: Path) -> None:
    """Locks, torn ends and strangers' files are left alone."""
    for name in ("00000010-1700000000000.jsonl", "00000009-1800000000000.jsonl", "lock", "x.jsonl"):
        (tmp_path / name).touch()
    assert [segment.number for segment in segments(tmp_path)] == [9, 10]
    assert segments(tmp_path / "nowhere") == []
    assert worker_directories(tmp_path) == []
