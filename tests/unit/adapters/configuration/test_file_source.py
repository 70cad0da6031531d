"""The configuration file on disk."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from llm_gateway.adapters.configuration.file_source import MAX_BYTES, FileConfigurationSource
from llm_gateway.domain.errors import ConfigurationError
from tests.fakes.configuration_reading import reader


def source(path: Path) -> FileConfigurationSource:
    return FileConfigurationSource(path, reader())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"a: \xff", "is not UTF-8 (line 1)"),
        (b"a: 1\nb: \xff", "is not UTF-8 (line 2)"),
        (b"#" * (MAX_BYTES + 1), "is larger than"),
    ],
)
def test_an_unreadable_file_is_a_configuration_error(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    """It names the file as it was given."""
    path = tmp_path / "gateway.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        source(path).load()
    assert caught.value.message.startswith(f"{path}: {reason}")


def test_a_directory_is_not_a_file(tmp_path: Path) -> None:
    """The usual mistake with a mounted volume."""
    with pytest.raises(ConfigurationError, match="cannot be read: Is a directory"):
        source(tmp_path).load()


def test_a_file_that_is_just_being_written_is_waited_for(tmp_path: Path) -> None:
    """Truncated and not yet written again, it would be a valid empty file."""
    path = tmp_path / "gateway.yaml"
    path.write_bytes(b"")
    writer = threading.Timer(0.01, path.write_bytes, [b"server: {port: 1}"])
    writer.start()
    loaded = source(path).load()
    writer.join()
    assert loaded.configuration.server.port == 1


def test_a_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    """Windows editors write one."""
    path = tmp_path / "gateway.yaml"
    path.write_bytes(b"\xef\xbb\xbfserver: {port: 1}")
    assert source(path).load().configuration.server.port == 1


def test_writing_keeps_mode_and_link(tmp_path: Path) -> None:
    """A secret-holding file does not become readable, a link not a file."""
    target, link = tmp_path / "real.yaml", tmp_path / "gateway.yaml"
    target.write_text("", encoding="utf-8")
    target.chmod(0o640)
    link.symlink_to(target)
    source(link).write("server: {port: 1}")
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8") == "server: {port: 1}"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_write_that_fails_leaves_everything_as_it_was(tmp_path: Path) -> None:
    """No half file, no temporary one."""
    target = tmp_path / "gateway.yaml"
    target.mkdir()
    (target / "x").touch()
    with pytest.raises(ConfigurationError, match="cannot be written"):
        source(target).write("x")
    assert [path.name for path in tmp_path.iterdir()] == ["gateway.yaml"]
