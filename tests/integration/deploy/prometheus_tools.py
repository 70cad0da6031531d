"""Prometheus and promtool: from PATH, or Debian's package as `make prometheus` unpacks it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.integration.deploy.workstation import ROOT

_UNPACKED = ROOT / "var" / "tools" / "prometheus" / "usr" / "bin"


def tool(name: str) -> Path:
    """Skips the test, with the way to get it, when it is not here: the suite fetches nothing by itself."""
    found = shutil.which(name, path=str(_UNPACKED)) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed; `make prometheus` fetches Debian's package and runs this")
    return Path(found)
