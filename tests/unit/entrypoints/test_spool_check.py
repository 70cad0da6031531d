"""Whether the spool can be written, found out before anything is served."""

from __future__ import annotations

from pathlib import Path

import pytest

from llm_gateway.domain.errors import ConfigurationError
from llm_gateway.entrypoints.container.spool_check import check_spool


def test_a_new_spool_is_made_for_its_owner_and_stays_empty(tmp_path: Path) -> None:
    """The probe leaves nothing behind."""
    check_spool(tmp_path / "var" / "spool")
    made = tmp_path / "var" / "spool"
    assert made.stat().st_mode & 0o777 == 0o700 and not list(made.iterdir())


def test_a_spool_beneath_a_file_names_itself_and_the_way_out(tmp_path: Path) -> None:
    """One line, with the variable."""
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="file/spool cannot be written: Not a directory") as caught:
        check_spool(tmp_path / "file" / "spool")
    assert "LLM_GATEWAY_SPOOL_DIR" in caught.value.message


def test_a_relative_spool_is_named_in_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`var/spool` alone does not say which working directory is the read-only one."""
    monkeypatch.chdir(tmp_path)
    Path("var").touch()
    with pytest.raises(ConfigurationError, match=f"spool {tmp_path}/var/spool cannot be written"):
        check_spool(Path("var/spool"))
