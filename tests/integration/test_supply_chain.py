"""`make audit` says which of its two failures it is."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOUND = 'while [ "$1" != -o ]; do shift; done; echo "flask 0.5 PYSEC-2019-179" > "$2"; exit 1'
UNREACHED = "echo 'ERROR: no answer' >&2; exit 1"


@pytest.mark.parametrize(
    ("does", "code", "said"),
    [
        ("exit 0", 0, "requirements-dev.lock: no known vulnerabilities"),
        (FOUND, 1, "flask 0.5 PYSEC-2019-179\n"),
        (UNREACHED, 69, "ERROR: no answer\nrequirements.lock: NOT CHECKED"),
    ],
)
def test_an_audit_that_could_not_be_made_is_taken_for_no_finding(
    tmp_path: Path, does: str, code: int, said: str
) -> None:
    """Nor for a clean bill."""
    tool = tmp_path / "pip-audit"
    tool.write_text(f"#!/bin/sh\n{does}\n")
    tool.chmod(0o755)
    command = ["make", "-o", f"{tmp_path}/.dev", "audit", f"BIN={tmp_path}", f"VENV={tmp_path}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert said in done.stdout + done.stderr
    assert (f"Error {code}" in done.stderr) is (code != 0) is (done.returncode != 0)
