"""Every contract of .importlinter holds, and each fails on a violation planted in a copy of the package."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import llm_gateway

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(llm_gateway.__file__).parent
LINT = Path(sys.executable).with_name("lint-imports")

# Contract, file that is planted, and what it imports.
VIOLATIONS = [
    ("layers", "domain/planted.py", "import llm_gateway.application.lifecycle"),
    ("layers", "application/planted.py", "import llm_gateway.entrypoints.settings"),
    ("layers", "planted/__init__.py", "'a folder that no layer names'"),
    ("pure-domain", "domain/planted.py", "import msgspec"),
    ("no-ambient-input", "domain/planted.py", "import random"),
    ("no-ambient-input", "domain/planted.py", "from time import time"),
    ("frameworks", "application/planted.py", "import httpx"),
    ("frameworks", "application/ports/planted.py", "from pydantic import BaseModel"),
    ("container", "entrypoints/http/planted.py", "import llm_gateway.adapters.clock"),
    ("container", "entrypoints/cli/planted.py", "from llm_gateway.adapters import identifiers"),
    ("providers", "adapters/providers/planted.py", "import llm_gateway.adapters.providers.openai"),
    ("entrypoints", "entrypoints/cli/planted.py", "import llm_gateway.entrypoints.http.errors"),
    ("entrypoints", "entrypoints/http/planted.py", "import llm_gateway.entrypoints.cli.context"),
    ("acyclic", "domain/errors.py", "import llm_gateway.domain.router"),
]


def contracts() -> dict[str, str]:
    """Name of each contract by its id."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")
    prefix = "importlinter:contract:"
    return {name.removeprefix(prefix): parser[name]["name"] for name in parser if name.startswith(prefix)}


def linted(root: Path, *contract: str) -> str:
    """What lint-imports says of the package in `root`."""
    only = [word for name in contract for word in ("--contract", name)]
    done = subprocess.run(
        [LINT, "--no-cache", "--no-logo", "--config", ROOT / ".importlinter", *only],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )
    return done.stdout + done.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(PACKAGE, tmp_path / "llm_gateway", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_all_are_kept(copy: Path) -> None:
    """By the package as it is."""
    said = linted(copy)
    assert f"Contracts: {len(contracts())} kept, 0 broken." in said, said


@pytest.mark.parametrize(("contract", "file", "line"), VIOLATIONS)
def test_a_violation_is_caught(copy: Path, contract: str, file: str, line: str) -> None:
    """By the contract that forbids it."""
    path = copy / "llm_gateway" / file
    path.parent.mkdir(exist_ok=True)
    before = path.read_text() if path.exists() else ""
    path.write_text(f"{before}\n{line}\n")
    said = linted(copy, contract)
    assert f"{contracts()[contract]} BROKEN" in said, said


def test_every_contract_has_a_violation() -> None:
    """A contract that nobody has seen fail is no contract."""
    assert {contract for contract, _, _ in VIOLATIONS} == contracts().keys()
