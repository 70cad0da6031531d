"""The image without Docker: its install steps in a bare environment, its start command under Cloud Run's."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.e2e.child import Child, clean_environment, wait_for
from tests.integration.deploy.workstation import ROOT

DOCKERFILE = ROOT / "deploy" / "cloud-run" / "Dockerfile"
DEVELOPMENT = ("pytest", "mypy", "ruff", "hypothesis", "pip", "setuptools")


def instructions() -> list[tuple[str, str]]:
    """Keyword and the rest, continuation lines joined, comments left out."""
    text = "\n".join(line for line in DOCKERFILE.read_text().splitlines() if not line.startswith("#"))
    lines = text.replace("\\\n", " ").splitlines()
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines if line.strip()]


def build_stage() -> list[tuple[str, str]]:
    """Up to the second FROM."""
    found = instructions()
    second = [number for number, (word, _) in enumerate(found) if word == "FROM"][1]
    return found[:second]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the build stage leaves at /opt/gateway, made by its own COPY and RUN lines in another place."""
    place = tmp_path_factory.mktemp("image")
    workdir, gateway = place / "build", place / "gateway"
    workdir.mkdir()
    environment = clean_environment(
        {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    )
    environment.pop("PYTHONPATH", None)
    environment["PATH"] = os.pathsep.join(
        (str(base_image(place / "base")), str(Path(sys.base_prefix) / "bin"), environment["PATH"])
    )
    for word, rest in build_stage():
        if word == "COPY":
            *sources, _ = rest.split()
            for source in sources:
                _copy(ROOT / source, workdir / source)
        elif word == "RUN":
            command = rest.replace("/opt/gateway", str(gateway))
            subprocess.run(
                ["bash", "-euo", "pipefail", "-c", command], cwd=workdir, env=environment, check=True
            )
    return gateway


def base_image(directory: Path) -> Path:
    """The base image's pip, which not every machine's Python has: that of this environment."""
    directory.mkdir()
    pip = directory / "pip"
    pip.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pip "$@"\n')
    pip.chmod(0o755)
    return directory


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


_READ_ONLY = """
mount --make-rprivate / && mount --bind "$0" "$0" && mount -o remount,bind,ro / && cd /proc && exec "$@"
"""


def read_only(directory: str) -> list[str]:
    """What goes before a command so that / is read-only but for `directory`, where mounting is allowed."""
    for namespaces in ("-m", "-rm"):
        prefix = ["unshare", namespaces, "sh", "-ec", _READ_ONLY, directory]
        probe = [*prefix, "sh", "-c", f"touch {directory}/probe && ! touch {ROOT}/probe"]
        if subprocess.run(probe, capture_output=True, check=False).returncode == 0:
            return prefix
    return ["sh", "-c", 'cd /proc && exec "$@"', "sh"]


@contextmanager
def started(built: Path, directory: Path, **environment: str) -> Iterator[tuple[Child, str]]:
    """The image's entry point and command under what Cloud Run sets, nothing but `directory` writable.

    Working directory and HOME are in /proc, where not even root can make a file, wherever that is all that
    the machine allows.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = dict(instructions())
    command = [*json.loads(found["ENTRYPOINT"]), *json.loads(found["CMD"])]
    cloud_run = {
        "PORT": str(port),
        "K_SERVICE": "llm-inference-gateway",
        "K_REVISION": "llm-inference-gateway-00001-abc",
        "K_CONFIGURATION": "llm-inference-gateway",
        "HOME": "/proc",
        "PATH": f"{built / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin",
        "LLM_GATEWAY_SPOOL_DIR": str(directory / "spool"),
        "TMPDIR": str(directory),
    }
    child = Child([*read_only(str(directory)), *command], directory, {**cloud_run, **environment})
    try:
        child.until_printed("listens on")
        yield child, f"http://127.0.0.1:{port}"
    finally:
        if child.process.poll() is None:
            child.stop()


def test_the_lock_file_suffices(built: Path) -> None:
    """Installed with hashes alone, in an environment that had nothing."""
    done = subprocess.run(
        [built / "bin" / "llm-gateway", "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and "start" in done.stdout


def test_the_image_has_no_development_packages(built: Path) -> None:
    """Nor what installs packages."""
    installed = {path.name.lower() for path in built.glob("lib/python*/site-packages/*")}
    assert not [name for name in DEVELOPMENT if name in installed]


def test_it_starts_where_cloud_run_says_and_ends_within_its_grace(built: Path, tmp_path: Path) -> None:
    """With keys by environment; SIGTERM ends it with 0 and the spool is where it was told."""
    keys = {"PLATFORM_ENV": "prod", "LLM_GATEWAY_API_KEYS": "k-1", "OPENAI_API_KEY": "o-1"}
    with started(built, tmp_path, **keys) as (child, url):
        wait_for(lambda: httpx.get(f"{url}/ready", trust_env=False).status_code == 200)
        assert httpx.get(f"{url}/health", trust_env=False).json()["environment"] == "prod"
        child.signal(signal.SIGTERM)
        assert child.exit_code() == 0
    assert list((tmp_path / "spool").iterdir())


def test_prod_never_starts_the_lab(built: Path, tmp_path: Path) -> None:
    """Even without any provider, where dev would."""
    keys = {"PLATFORM_ENV": "prod", "LLM_GATEWAY_API_KEYS": "k-1"}
    with started(built, tmp_path, **keys) as (child, url):
        assert "LAB" not in child.stdout and "NoHealthyProviders" in child.stdout
        assert httpx.get(f"{url}/ready", trust_env=False).status_code == 503


def test_the_image_runs_as_somebody_else_than_root() -> None:
    """A number, so that Kubernetes can check runAsNonRoot."""
    users = [rest for word, rest in instructions() if word == "USER"]
    assert users and users[-1].isdigit() and int(users[-1]) > 0


def test_the_context_has_all_that_is_copied_and_no_tests() -> None:
    """.dockerignore lets through what COPY names, and nothing else."""
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {part for word, rest in build_stage() if word == "COPY" for part in rest.split()[:-1]}
    assert allowed == copied


def test_nothing_is_installed_without_a_hash() -> None:
    """Every `pip install` of the Dockerfile wants hashes, or takes no dependency at all."""
    installs = re.findall(
        r"pip --python \S+ install ([^&]*)",
        " && ".join(rest for word, rest in instructions() if word == "RUN"),
    )
    assert len(installs) == 3
    assert all("--require-hashes" in line or "--no-deps --no-build-isolation" in line for line in installs)
