"""Process: a started server pinned to one core, ready to be asked; its CPU time and memory from /proc."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

PATIENCE_S = 60.0
_STOP_S = 8.0
_CPUCLOCK_SCHED = 2  # linux/posix-timers_types.h
_LOOK_S = 0.15
_LINGER_S = 1.2
_PASSED_ON = ("PATH", "HOME", "LANG", "PYTHONPATH", "TMPDIR", "VIRTUAL_ENV")
_REPOSITORY = Path(__file__).resolve().parents[1]
_ask = build_opener(ProxyHandler({})).open


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """`ready_s` is the time from exec to the first 200 on its ready path.

    `rewrites`: its answers are the upstream's in other words, so only their content can be checked.
    """

    pid: int
    port: int
    ready_s: float
    rewrites: bool = False
    command: str = ""

    def cpu_s(self) -> float:
        """CPU time so far of the process and its living descendants, seconds, to the nanosecond."""
        return sum(_cpu_s(pid) for pid in self._family())

    def _wanted_s(self) -> float:
        """CPU time, and the time in which a core was wanted but not to be had."""
        return sum(_cpu_s(pid) + _waited_s(pid) for pid in self._family())

    def resident_mib(self) -> float:
        return sum(_status_kib(pid, "VmRSS") for pid in self._family()) / 1024

    def peak_mib(self) -> float:
        """The most that was resident since `forget_peak`."""
        return sum(_status_kib(pid, "VmHWM") for pid in self._family()) / 1024

    def settle(self, patience_s: float) -> None:
        """Returns when it has had nothing to do for longer than a feed waits for a batch to fill."""
        now = time.monotonic()
        deadline, busy = now + patience_s, now
        while busy + _LINGER_S > now and now < deadline:
            before = self._wanted_s()
            time.sleep(_LOOK_S)
            now = time.monotonic()
            if self._wanted_s() - before > 0.02 * _LOOK_S:
                busy = now

    def forget_peak(self) -> None:
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def _family(self) -> list[int]:
        """The process first, then its descendants."""
        family = [self.pid]
        for pid in family:
            family += _children(pid)
        return family


@contextmanager
def running(
    arguments: Sequence[str],
    *,
    core: int | None,
    ready_path: str,
    environment: Mapping[str, str] | None = None,
    python: str = sys.executable,
    port: int | None = None,
    rewrites: bool = False,
) -> Iterator[Process]:
    """`python <arguments>` on one core (None: on all) until the block ends, its process group killed whatever
    happens.

    The command prints `listens on http://host:port` unless `port` is given. Raises RuntimeError with its
    output if it ends instead.
    """
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        child = subprocess.Popen(
            [python, *arguments],
            cwd=_REPOSITORY,
            env={**kept, "NO_COLOR": "1", "COLUMNS": "200", **(environment or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: pin(core),
        )

        def printed() -> str:
            return os.pread(output.fileno(), 1 << 20, 0).decode(errors="replace")

        try:
            taken = port or _until(child, printed, lambda: _port_in(printed()))
            _until(child, printed, lambda: _is_ready(taken, ready_path))
            ready_s = time.perf_counter() - started
            yield Process(
                pid=child.pid, port=taken, ready_s=ready_s, rewrites=rewrites, command=" ".join(arguments)
            )
        finally:
            _stop(child)


def pin(core: int | None) -> None:
    """This process and its future children run on one core only (modulo what there are), None: on all."""
    available = list(range(os.cpu_count() or 1))
    os.sched_setaffinity(0, available if core is None else {available[core % len(available)]})


def _until(child: subprocess.Popen[bytes], printed: Callable[[], str], probe: Callable[[], int]) -> int:
    deadline = time.monotonic() + PATIENCE_S
    while not (answer := probe()):
        if child.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{child.args}: no answer; it printed:\n{printed()}")
        time.sleep(0.005)
    return answer


def _port_in(text: str) -> int:
    match = re.search(r"listens on http://\S+?:(\d+)", text)
    return int(match[1]) if match else 0


def _is_ready(port: int, path: str) -> int:
    with suppress(URLError, ConnectionError), _ask(f"http://127.0.0.1:{port}{path}", timeout=2) as answer:
        return int(answer.status == 200)
    return 0


def _stop(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            child.wait(_STOP_S)
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)  # the group outlives its leader when a child was left behind
    child.wait()


def _children(pid: int) -> list[int]:
    """Of any of its threads."""
    found: list[int] = []
    with suppress(OSError):
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            with suppress(OSError):
                found += [int(child) for child in children.read_text().split()]
    return found


def _cpu_s(pid: int) -> float:
    """Of all its threads, those that have ended included: the clock of clock_getcpuclockid(3)."""
    with suppress(OSError):
        return time.clock_gettime(~pid << 3 | _CPUCLOCK_SCHED)
    return 0.0


def _waited_s(pid: int) -> float:
    """Of its living threads, from /proc/<pid>/task/*/schedstat."""
    total = 0
    with suppress(FileNotFoundError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):
                total += int((thread / "schedstat").read_text().split()[1])
    return total / 1e9


def _status_kib(pid: int, name: str) -> int:
    with suppress(FileNotFoundError):
        match = re.search(rf"{name}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
        return int(match[1]) if match else 0
    return 0
