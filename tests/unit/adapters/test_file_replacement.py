"""Files replaced as a whole, and locks on files."""

from __future__ import annotations

import stat
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from llm_gateway.adapters.file_lock import file_lock
from llm_gateway.adapters.file_replacement import replace_file


def test_the_new_content_has_the_mode_asked_for(tmp_path: Path) -> None:
    """Whatever the umask and the old file's mode are."""
    target = tmp_path / "x"
    target.write_bytes(b"old")
    replace_file(target, b"new", 0o600)
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_who_has_the_old_file_open_keeps_it(tmp_path: Path) -> None:
    """It is another file, not the same one written over."""
    target = tmp_path / "x"
    target.write_bytes(b"old")
    with target.open("rb") as reading:
        replace_file(target, b"new", 0o600)
        assert reading.read() == b"old"


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    """Here the target is a directory that cannot be renamed over."""
    target = tmp_path / "x"
    target.mkdir()
    (target / "y").touch()
    with pytest.raises(OSError, match="directory"):
        replace_file(target, b"new", 0o600)
    assert list(tmp_path.iterdir()) == [target]


def _count_up(path: Path) -> None:
    for _ in range(50):
        with file_lock(path.with_suffix(".lock")):
            count = int(path.read_text(encoding="utf-8"))
            time.sleep(0.0001)
            path.write_text(str(count + 1), encoding="utf-8")


def test_a_lock_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    """Without it, read-add-write by several loses counts. Each opens the file anew, as processes do."""
    path = tmp_path / "count"
    path.write_text("0", encoding="utf-8")
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(_count_up, path) for _ in range(4)]:
            done.result()
    assert path.read_text(encoding="utf-8") == "200"
