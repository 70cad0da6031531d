"""Where a plain request's time goes: samples of one worker under load, by area and by function.

`python -m bench.profile [SECONDS]`. The worker is the shipped one with a timer signal at each of the kernel's
ticks of its CPU time (4 ms at 250 Hz); the handler notes the Python stack as far as the event loop. Time in
C functions counts for the Python function that called them.
"""

from __future__ import annotations

import json
import signal
import sys
import tempfile
from collections import Counter
from pathlib import Path
from types import FrameType

from bench.load import plain_request
from bench.process import pin
from bench.rounds import Work, one_round
from bench.servers import OTHER_CORE, GatewaySetup, gateway, upstream

_EVERY_S = 0.001  # shorter than a tick, so that each counts
_SHOWN = 30
_PACKAGE = "llm_gateway"
_LOOP = "Runner.run"


class Sampler:
    """Counts, by file and function, where the process was and what was under way."""

    def __init__(self) -> None:
        self.samples = 0
        self.self_time: Counter[str] = Counter()
        self.under_way: Counter[str] = Counter()

    def start(self) -> None:
        signal.signal(signal.SIGPROF, self._note)
        signal.setitimer(signal.ITIMER_PROF, _EVERY_S, _EVERY_S)

    def _note(self, number: int, frame: FrameType | None) -> None:
        stack = []
        while frame is not None and frame.f_code.co_qualname != _LOOP:
            stack.append(f"{_short(frame.f_code.co_filename)} {frame.f_code.co_qualname}")
            frame = frame.f_back
        if frame is None:
            return  # not serving yet, or no longer
        self.samples += 1
        self.self_time[stack[0]] += 1
        self.under_way.update(set(stack))


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--worker"]:
        _work(Path(arguments[1]), arguments[2:])
        return
    seconds = float(arguments[0]) if arguments else 10.0
    pin(OTHER_CORE)
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        found = Path(directory) / "samples.json"
        setup = GatewaySetup(module=("bench.profile", "--worker", str(found)))
        with upstream() as direct, gateway(direct, setup) as server:
            one_round(server, Work(request=plain_request(), connections=32), seconds)
        _print(json.loads(found.read_text()))


def _work(found: Path, command: list[str]) -> None:
    from llm_gateway.entrypoints.cli.app import app

    sampler = Sampler()
    sampler.start()
    try:
        app(command)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        found.write_text(json.dumps([sampler.samples, sampler.self_time, sampler.under_way]))


def _print(found: tuple[int, dict[str, int], dict[str, int]]) -> None:
    samples, self_time, under_way = found
    areas: Counter[str] = Counter()
    for name, count in self_time.items():
        areas[_area(name.split(" ")[0])] += count
    for title, counts in (
        ("area", areas),
        ("function", self_time),
        ("function with what it calls", under_way),
    ):
        print(f"\n{samples} samples of the event loop; share by {title}")
        for name, count in Counter(counts).most_common(_SHOWN):
            print(f"  {count / samples:6.1%}  {name}")


def _short(file: str) -> str:
    for mark in ("/site-packages/", f"/{_PACKAGE}/", "/src/", "/python3."):
        _, found, rest = file.rpartition(mark)
        if found:
            return rest
    return file


def _area(file: str) -> str:
    return "/".join(file.split("/")[:2])


if __name__ == "__main__":
    main(sys.argv[1:])
