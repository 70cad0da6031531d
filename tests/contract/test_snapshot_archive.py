"""The SnapshotArchive contract, for every implementation and the fake."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from llm_gateway.adapters.snapshot_archive.directory import DirectorySnapshotArchive
from llm_gateway.adapters.snapshot_archive.memory import MemorySnapshotArchive
from llm_gateway.adapters.snapshot_archive.null import NullSnapshotArchive
from llm_gateway.application.ports.snapshot_archive import SnapshotArchive
from tests.fakes.snapshot_archive import FakeSnapshotArchive

KEEP = 3
KEEPING: dict[str, Callable[[Path], SnapshotArchive]] = {
    "fake": lambda path: FakeSnapshotArchive(KEEP),
    "memory": lambda path: MemorySnapshotArchive(KEEP),
    "directory": lambda path: DirectorySnapshotArchive(path / "snapshots", keep=KEEP),
}
HASHES = [f"{number:064x}" for number in range(5)]


@pytest.fixture(params=KEEPING)
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> SnapshotArchive:
    return KEEPING[request.param](tmp_path)


def test_a_saved_document_comes_back(archive: SnapshotArchive) -> None:
    """Nothing is lost on the way through a file."""
    document = {"providers": [{"id": "søk", "weight": 1, "price": "2.50"}], "aliases": {}}
    archive.save(HASHES[0], document)
    assert archive.load(HASHES[0]) == document


def test_a_kept_document_is_a_copy(archive: SnapshotArchive) -> None:
    """Changing what was saved does not change what is kept."""
    document = {"rules": ["a"]}
    archive.save(HASHES[0], document)
    document["rules"].append("b")
    assert archive.load(HASHES[0]) == {"rules": ["a"]}


def test_the_oldest_beyond_the_bound_are_let_go(archive: SnapshotArchive) -> None:
    """The last few are kept, newest first."""
    for one in HASHES:
        archive.save(one, {"hash": one})
    assert list(archive.hashes()) == HASHES[:1:-1]
    assert archive.load(HASHES[0]) is None


def test_saving_again_makes_it_the_newest(archive: SnapshotArchive) -> None:
    """A revert to an old configuration keeps that one alive."""
    for one in (HASHES[0], HASHES[1], HASHES[0]):
        archive.save(one, {})
    assert list(archive.hashes()) == [HASHES[0], HASHES[1]]


@pytest.mark.parametrize("unknown", [HASHES[0], "../../etc/passwd", ""])
def test_what_was_never_saved_is_none(archive: SnapshotArchive, unknown: str) -> None:
    """Also for text that is no hash and would be another path."""
    assert archive.load(unknown) is None
    assert list(archive.hashes()) == []


def test_the_null_archive_keeps_nothing() -> None:
    """It is the default when nothing is configured."""
    archive = NullSnapshotArchive()
    archive.save(HASHES[0], {})
    assert archive.load(HASHES[0]) is None
    assert list(archive.hashes()) == []


def test_a_file_is_never_half_written(tmp_path: Path) -> None:
    """Documents are written aside and renamed, so nothing but whole ones is ever listed."""
    archive = DirectorySnapshotArchive(tmp_path)
    (tmp_path / f".{HASHES[1]}.77").write_text('{"half":')
    archive.save(HASHES[0], {})
    assert list(archive.hashes()) == [HASHES[0]]


def test_a_name_that_is_no_hash_is_refused(tmp_path: Path) -> None:
    """The hash becomes a file name."""
    with pytest.raises(ValueError, match="not a snapshot hash"):
        DirectorySnapshotArchive(tmp_path).save("../outside", {})
