"""FakeClock: a Clock that stands still until told otherwise."""

from __future__ import annotations

from llm_gateway.application.ports.clock import Clock


class FakeClock(Clock):
    """`advance` moves both forms of time together, by seconds."""

    def __init__(self, *, unix: float = 1_700_000_000.0, monotonic: float = 1000.0) -> None:
        self._unix = unix
        self._monotonic = monotonic

    def now(self) -> float:
        return self._unix

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        self._unix += seconds
        self._monotonic += seconds
