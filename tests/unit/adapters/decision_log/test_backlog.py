"""DirectoryBacklog: what is read for delivery, and from where."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from llm_gateway.adapters.decision_log.backlog import DirectoryBacklog, directory_end
from llm_gateway.adapters.decision_log.delivery_mark import load_mark, save_mark
from llm_gateway.adapters.decision_log.segment import Segment
from llm_gateway.domain.delivery_answer import DeliveryAnswer
from llm_gateway.domain.spool_position import BEGINNING, SpoolPosition


def write(directory: Path, number: int, data: bytes) -> Path:
    path = Segment.named(directory, number, number).path
    path.write_bytes(data)
    return path


def everything(directory: Path) -> DirectoryBacklog:
    return DirectoryBacklog(directory, lambda: directory_end(directory))


def test_records_come_in_order_over_all_segments(tmp_path: Path) -> None:
    """With the position after each; a limit cuts anywhere."""
    write(tmp_path, 1, b"a\nbb\n")
    write(tmp_path, 3, b"ccc\nd\n")
    backlog = everything(tmp_path)
    assert backlog.count(backlog.end()) == 4
    read = [*backlog.read(1), *backlog.read(2), *backlog.read(9)]
    assert [spooled.line for spooled in read] == [b"a", b"bb", b"ccc", b"d"]
    assert [spooled.end for spooled in read] == [
        SpoolPosition(1, 2),
        SpoolPosition(1, 5),
        SpoolPosition(3, 4),
        SpoolPosition(3, 6),
    ]
    assert backlog.count(backlog.end()) == 0


def test_reading_goes_on_from_the_saved_position(tmp_path: Path) -> None:
    """Whoever opens the log next."""
    write(tmp_path, 1, b"a\nbb\nccc\n")
    backlog = everything(tmp_path)
    backlog.save(backlog.read(2)[-1].end)
    again = everything(tmp_path)
    assert again.count(again.end()) == 1
    assert [spooled.line for spooled in again.read(9)] == [b"ccc"]


def test_nothing_is_read_beyond_what_is_safely_written(tmp_path: Path) -> None:
    """A failed write is about to be cut off again: its lines were never promised to anyone."""
    write(tmp_path, 1, b"a\nhalf of a failed write\n")
    end = SpoolPosition(1, 2)
    backlog = DirectoryBacklog(tmp_path, lambda: end)
    assert [spooled.line for spooled in backlog.read(9)] == [b"a"]
    end = SpoolPosition(1, 25)
    assert len(backlog.read(9)) == 1


def test_segments_that_were_let_go_are_passed_over(tmp_path: Path) -> None:
    """Retention was faster than delivery."""
    gone = write(tmp_path, 1, b"a\nb\n")
    write(tmp_path, 2, b"c\n")
    backlog = everything(tmp_path)
    backlog.read(1)
    gone.unlink()
    assert backlog.count(backlog.end()) == 1
    assert [spooled.line for spooled in backlog.read(9)] == [b"c"]


def test_a_spoiled_mark_means_from_the_beginning(tmp_path: Path) -> None:
    """Sent again, never lost."""
    save_mark(tmp_path, SpoolPosition(7, 9))
    assert load_mark(tmp_path) == SpoolPosition(7, 9)
    (tmp_path / "delivered.json").write_bytes(b"\0\0")
    assert load_mark(tmp_path) == BEGINNING


def test_a_dead_letter_has_the_record_and_the_reason(tmp_path: Path) -> None:
    """A line that is no JSON is kept as text."""
    backlog = everything(tmp_path)
    answer = DeliveryAnswer(meaning="permanent", status=400, text="Missing required fields")
    backlog.dead_letter(b'{"sequence":1}', answer, attempts=2, at=0.0)
    backlog.dead_letter(b"\xff{", answer, attempts=1, at=0.0)
    first, second = map(json.loads, (tmp_path / "dead-letter.jsonl").read_bytes().splitlines())
    assert first == {
        "at": "1970-01-01T00:00:00.000Z",
        "attempts": 2,
        "reason": "Missing required fields",
        "status": 400,
        "record": {"sequence": 1},
    }
    assert second["record"] == "\N{REPLACEMENT CHARACTER}{"


@settings(max_examples=60, deadline=None)
@given(
    segments=st.lists(st.lists(st.integers(0, 2000), max_size=6), min_size=1, max_size=4),
    limits=st.lists(st.integers(1, 5), min_size=30, max_size=30),
)
def test_any_log_is_read_once_and_whole(
    tmp_path_factory: object, segments: list[list[int]], limits: list[int]
) -> None:
    """Whatever the sizes and however it is cut."""
    directory = tmp_path_factory.mktemp("log")  # type: ignore[attr-defined]
    expected = [b"%d" % place + b"x" * size for sizes in segments for place, size in enumerate(sizes)]
    for number, sizes in enumerate(segments, start=1):
        lines = (b"%d" % place + b"x" * size + b"\n" for place, size in enumerate(sizes))
        write(directory, number, b"".join(lines))
    backlog = everything(directory)
    read = [spooled.line for limit in limits for spooled in backlog.read(limit)]
    assert read == expected
