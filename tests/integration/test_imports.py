"""Importing the package does nothing: no application, no client, no file, no look at the environment."""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import pkgutil
import subprocess
import sys
import threading
from pathlib import Path

import httpx
from dependency_injector.containers import DynamicContainer
from starlette.applications import Starlette
from starlette.routing import Router

import llm_gateway

NAMES = ["llm_gateway", *(info.name for info in pkgutil.walk_packages(llm_gateway.__path__, "llm_gateway."))]
NAMES = [name for name in NAMES if not name.endswith("__main__")]  # these run the program
LIVE = (
    Starlette,
    Router,
    DynamicContainer,
    httpx.Client,
    httpx.AsyncClient,
    logging.Handler,
    threading.Thread,
    type(threading.Lock()),
    asyncio.Queue,
    asyncio.Task,
    list,
    bytearray,
)
# Run in a process of its own, where nothing has been imported yet.
WATCH = """
import importlib, os, sys
seen = []

def audit(event, arguments):
    writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    if writes and not str(arguments[0]).endswith((".pyc", "/dev/null")) and ".pyc." not in str(arguments[0]):
        seen.append(f"opens {arguments[0]} for writing")
    if event in ("socket.connect", "socket.bind", "subprocess.Popen", "os.mkdir"):
        seen.append(event)

class Environment(type(os.environ)):
    def __getitem__(self, key):
        frame = sys._getframe(1)
        while frame.f_globals["__name__"] in ("os", "_collections_abc", "collections.abc"):
            frame = frame.f_back
        if frame.f_globals["__name__"].startswith("llm_gateway"):
            seen.append(f"{frame.f_globals['__name__']} reads {key}")
        return super().__getitem__(key)

os.environ.__class__ = Environment
sys.addaudithook(audit)
for name in sys.argv[1:]:
    importlib.import_module(name)
print("\\n".join(seen), end="")
"""


def test_no_module_holds_state() -> None:
    """No application, client, lock or growing list is made by an import."""
    modules = [importlib.import_module(name) for name in NAMES]
    found = [
        f"{module.__name__}.{name}"
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, LIVE) and not name.startswith("__")
    ]
    assert not found


def watched(*names: str, path: str = "") -> list[str]:
    """What importing these modules did that an import should not do."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([path, os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run(
        [sys.executable, "-c", WATCH, *names], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_importing_does_nothing() -> None:
    """All modules together: no file written, no socket, no process, no variable of the environment read."""
    assert watched(*NAMES) == []


def test_the_watch_sees(tmp_path: Path) -> None:
    """What it looks for, in a module that does it."""
    planted = "import os, socket\nos.environ.get('HOME')\nopen(__file__ + '.out', 'w')\n"
    (tmp_path / "llm_gateway_planted.py").write_text(planted + "socket.create_server(('127.0.0.1', 0))\n")
    found = watched("llm_gateway_planted", path=str(tmp_path))
    opened = f"opens {tmp_path}/llm_gateway_planted.py.out for writing"
    assert found == ["llm_gateway_planted reads HOME", opened, "socket.bind"]
