"""Child: a process under test, with what it printed kept in files and a bounded patience."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
PATIENCE_S = 30.0  # when the harness gives up; not a limit that a test asserts
_PASSED_ON = (
    "PATH",
    "HOME",
    "LANG",
    "PYTHONPATH",
    "SYSTEMROOT",
    "TMPDIR",
    "VIRTUAL_ENV",
    "COVERAGE_PROCESS_START",
)


class Child:
    """A started command. `stdout` and `stderr` are what it has printed so far."""

    def __init__(self, command: Sequence[str], directory: Path, environment: Mapping[str, str]) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._out, self._err = directory / "stdout", directory / "stderr"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                command, cwd=directory, env=clean_environment(environment), stdout=out, stderr=err
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def stdout(self) -> str:
        return self._out.read_text()

    @property
    def stderr(self) -> str:
        return self._err.read_text()

    def until_printed(self, pattern: str) -> re.Match[str]:
        """The first match in standard output; fails with all output when the process ends before it."""

        def printed() -> re.Match[str] | None:
            over = self.process.poll() is not None
            match = re.search(pattern, self.stdout)
            if over and match is None:
                raise AssertionError(f"ended with {self.process.returncode}: {self.stdout}{self.stderr}")
            return match

        return wait_for(printed)

    def signal(self, number: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(number)

    def exit_code(self) -> int:
        """Waits for the end."""
        return self.process.wait(PATIENCE_S)

    def stop(self) -> int:
        """SIGTERM unless it has ended already; the exit code."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        try:
            return self.exit_code()
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


def clean_environment(more: Mapping[str, str]) -> dict[str, str]:
    """What a process needs to run, and `more`: no provider key and no proxy of the developer's machine."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**kept, "NO_COLOR": "1", "COLUMNS": "200", **more}


def wait_for(probe: Callable[[], T | None]) -> T:
    """The probe's first true answer."""
    deadline = time.monotonic() + PATIENCE_S
    while not (answer := probe()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
    return answer
