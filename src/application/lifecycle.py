"""Lifecycle: where this process stands between start and end."""

from __future__ import annotations

from typing import Literal

Phase = Literal["starting", "serving", "draining"]


class Lifecycle:
    """Moves forward only; read by the readiness probe, by admission and by the status report."""

    def __init__(self, started_at: float) -> None:
        self.phase: Phase = "starting"
        self.started_at = started_at

    def serve(self) -> None:
        if self.phase == "starting":
            self.phase = "serving"

    def drain(self) -> None:
        self.phase = "draining"
