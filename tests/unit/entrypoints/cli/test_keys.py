"""`keys create`: the key once, its digest for the file."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import Path

import yaml

from tests.unit.entrypoints.cli.offline import configured, run


def test_the_digest_is_that_of_the_key() -> None:
    """The configuration never sees the key itself."""
    made = json.loads(run("--json", "keys", "create", "--id", "ci", "-t", "acme", "-s", "admin").output)
    assert made["entry"] == {
        "id": "ci",
        "sha256": sha256(made["key"].encode()).hexdigest(),
        "tenant": "acme",
        "scopes": ["admin"],
    }


def test_no_two_are_the_same() -> None:
    """256 bits of chance."""
    keys = {json.loads(run("--json", "keys", "create").output)["key"] for _ in range(5)}
    assert len(keys) == 5 and all(len(key) >= 43 for key in keys)


def test_what_is_printed_goes_into_the_file(tmp_path: Path) -> None:
    """And is valid there."""
    shown = run("keys", "create", "--days", "30").output
    section = shown[shown.index("auth:") :]
    key = re.search(r"key: (\S+)", shown)
    assert key is not None and key[1] not in section
    assert yaml.safe_load(section)["auth"]["keys"][0]["scopes"] == ["inference"]
    assert run("config", "validate", str(configured(tmp_path, section))).exit_code == 0


def test_a_scope_that_is_none() -> None:
    """Exit code 2."""
    assert run("keys", "create", "--scope", "root").exit_code == 2
