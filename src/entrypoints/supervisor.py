"""Supervisor: N worker processes on one listening socket, replaced when they die."""

from __future__ import annotations

import logging
import signal
import socket
import subprocess
import time
from types import FrameType

from llm_gateway.entrypoints.child_process import spawn
from llm_gateway.entrypoints.settings import Settings

_WORKER = "llm_gateway.entrypoints.http.worker"
_POLL_S = 0.1
_QUICK_S = 2.0  # a worker that lives shorter than this did not really start
_MOST_QUICK_DEATHS = 3
_log = logging.getLogger("llm_gateway.supervisor")


class Supervisor:
    """SIGTERM and SIGINT go on to the workers and end the run; a second one kills. SIGHUP goes on.

    The exit code of `run` is 0 after a drain, 128 + the signal after a kill, 1 when workers do not start.
    """

    def __init__(self, settings: Settings, listener: socket.socket) -> None:
        self._settings = settings
        self._listener = listener
        self._workers: dict[int, subprocess.Popen[bytes]] = {}
        self._started: dict[int, float] = {}
        self._quick_deaths = 0
        self._stopping = False
        self._killed_by = 0

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGHUP, self._pass_on)
        for slot in range(self._settings.workers):
            self._start(slot)
        while self._workers:
            time.sleep(_POLL_S)
            for slot, worker in list(self._workers.items()):
                if worker.poll() is not None:
                    self._ended(slot, worker.returncode)
        if self._killed_by:
            return 128 + self._killed_by
        return 0 if self._stopping and self._quick_deaths < _MOST_QUICK_DEATHS else 1

    def _start(self, slot: int) -> None:
        settings = self._settings
        environment = {
            "LLM_GATEWAY_WORKER": str(slot),
            "LLM_GATEWAY_RUN_DIR": str(settings.run_dir),
            "LLM_GATEWAY_WORKERS": str(settings.workers),
            "LLM_GATEWAY_LOG_LEVEL": settings.log_level,
        }
        if settings.config is not None:
            environment["LLM_GATEWAY_CONFIG"] = str(settings.config)
        if settings.lab_url is not None:
            environment["LLM_GATEWAY_LAB_URL"] = settings.lab_url
        if settings.host is not None:
            environment["LLM_GATEWAY_HOST"] = settings.host
        self._started[slot] = time.monotonic()
        fd = str(self._listener.fileno())
        self._workers[slot] = spawn(_WORKER, [fd], [self._listener], environment)

    def _ended(self, slot: int, code: int) -> None:
        del self._workers[slot]
        if self._stopping:
            return
        quick = time.monotonic() - self._started[slot] < _QUICK_S
        self._quick_deaths = self._quick_deaths + 1 if quick else 0
        _log.error("worker ended unexpectedly", extra={"worker": slot, "exit_code": code})
        if self._quick_deaths >= _MOST_QUICK_DEATHS:
            _log.error("workers do not start; giving up")
            self._stop(signal.SIGTERM, None)
        else:
            self._start(slot)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self._stopping:
            self._killed_by = number
        for worker in self._workers.values():
            worker.send_signal(signal.SIGKILL if self._stopping else signal.SIGTERM)
        self._stopping = True

    def _pass_on(self, number: int, frame: FrameType | None) -> None:
        for worker in self._workers.values():
            worker.send_signal(number)
