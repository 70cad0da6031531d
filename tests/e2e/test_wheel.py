"""The built wheel: what is in it, and the suite against it with `src` out of reach."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Started with the interpreter, before anything of this project is imported: the editable installation
# would supply what the wheel lacks.
NO_EDITABLE = """
import sys
sys.meta_path[:] = [f for f in sys.meta_path if getattr(f, "__name__", "") != "_EditableFinder"]
"""
pytestmark = pytest.mark.wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of what a checkout holds, without the network."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "setup.py", "README.md"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "src", source / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    run("-m", "build", "--wheel", "--no-isolation", "--outdir", str(source / "dist"), cwd=source)
    (built,) = (source / "dist").iterdir()
    return built


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel installed by itself; beside it the tests, and nothing else of the checkout."""
    site = tmp_path_factory.mktemp("site")
    run("-m", "pip", "install", "--no-deps", "--no-index", "--target", str(site), str(wheel), cwd=site)
    (site / "sitecustomize.py").write_text(NO_EDITABLE)
    return site


def run(*arguments: str, cwd: Path, site: Path | None = None) -> str:
    """`python` with these arguments; `site` comes before everything that is installed."""
    path = {"PYTHONPATH": str(site)} if site is not None else {}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-8000:]
    return done.stdout


def test_it_holds_the_whole_package(wheel: Path) -> None:
    """Every module and data file of `src`, and nothing beside them."""
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    paths = [path for path in (ROOT / "src").rglob("*") if path.suffix in (".py", ".typed")]
    assert held == {f"llm_gateway/{path.relative_to(ROOT / 'src').as_posix()}" for path in paths}
    assert "llm_gateway/py.typed" in held


def test_it_installs_the_command(wheel: Path) -> None:
    """`llm-gateway`, with a version and a Python requirement."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name.rpartition("/")[2]: name for name in archive.namelist() if ".dist-info/" in name}
        entry_points = archive.read(names["entry_points.txt"]).decode()
        metadata = archive.read(names["METADATA"]).decode()
    assert "llm-gateway = llm_gateway.entrypoints.cli:main" in entry_points
    assert "\nRequires-Python: >=3.11\n" in metadata


def test_only_the_wheel_is_in_reach(site: Path, tmp_path: Path) -> None:
    """The package is the wheel's, and without the wheel there is none."""
    found = run("-c", "import llm_gateway; print(llm_gateway.__file__)", cwd=tmp_path, site=site)
    assert Path(found.strip()) == site / "llm_gateway" / "__init__.py"
    (tmp_path / "sitecustomize.py").write_text(NO_EDITABLE)
    missing = "import importlib.util; print(importlib.util.find_spec('llm_gateway'))"
    assert run("-c", missing, cwd=tmp_path, site=tmp_path) == "None\n"


def test_the_suite_passes_against_it(site: Path, tmp_path: Path) -> None:
    """Unit and contract tests; what starts processes and sockets beyond loopback stays with the checkout."""
    for name in ("tests", "docs"):
        shutil.copytree(
            ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    said = run(
        *("-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--color=no", "tests/unit", "tests/contract"),
        cwd=tmp_path,
        site=site,
    )
    assert " passed" in said.splitlines()[-1], said


def test_the_installed_gateway_answers(site: Path, tmp_path: Path) -> None:
    """Start, one request, stop: all from the wheel."""
    script = """
import sys
from tests.e2e.gateway_process import running_gateway
import httpx
with running_gateway("--lab") as gateway:
    body = {"model": "lab/echo", "messages": [{"role": "user", "content": "from the wheel"}]}
    answer = httpx.post(f"{gateway.url}/v1/chat/completions", json=body, trust_env=False)
    print(answer.json()["choices"][0]["message"]["content"])
"""
    shutil.copytree(ROOT / "tests" / "e2e", tmp_path / "tests" / "e2e")
    assert run("-c", script, cwd=tmp_path, site=site) == "from the wheel\n"
