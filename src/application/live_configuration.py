"""LiveConfiguration: the configuration in force, swapped by one assignment, and how the last reload went."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from llm_gateway.application.active_configuration import ActiveConfiguration
from llm_gateway.application.configuration import GatewayConfiguration
from llm_gateway.domain.retry_policy import RetryPolicy
from llm_gateway.domain.routing_snapshot import RoutingSnapshot

Listener = Callable[[ActiveConfiguration], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReloadResult:
    """How a reload ended, at Unix seconds `at`; `trigger` is what asked for it.

    `message` says why it was refused. `needs_restart` names settings that changed but are only read at
    start. `notes` are mishaps that refused nothing, such as a history that could not be written. `version`
    is the history's id of what has come into force, to revert to.
    """

    status: Literal["accepted", "unchanged", "refused"]
    trigger: str
    at: float
    snapshot_hash: str
    message: str | None = None
    needs_restart: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    version: str | None = None


class LiveConfiguration:
    """Implements CurrentSnapshot and ExecutionPolicy. Who took a snapshot keeps it; nothing is locked.

    `exclusive` is held by whoever is working out the next configuration.
    """

    __slots__ = ("_active", "_listeners", "exclusive", "last_result")

    def __init__(self, initial: ActiveConfiguration, result: ReloadResult) -> None:
        self._active = initial
        self._listeners: list[Listener] = []
        self.last_result = result
        self.exclusive = asyncio.Lock()

    @property
    def active(self) -> ActiveConfiguration:
        return self._active

    @property
    def configuration(self) -> GatewayConfiguration:
        return self._active.configuration

    def current(self) -> RoutingSnapshot:
        return self._active.snapshot

    def retry(self) -> RetryPolicy:
        return self._active.configuration.resilience.retry

    def patience(self) -> float:
        return self._active.configuration.resilience.bulkhead.queue_timeout

    def subscribe(self, listener: Listener) -> None:
        """`listener` is called before each swap, in order of subscription: what it prepares is there when
        the first request sees the new snapshot. One that raises keeps the old configuration in force."""
        self._listeners.append(listener)

    def swap(self, active: ActiveConfiguration, result: ReloadResult) -> None:
        for listener in self._listeners:
            listener(active)
        self._active = active
        self.last_result = result

    def report(self, result: ReloadResult) -> None:
        """A reload that changed nothing: refused, or the same again."""
        self.last_result = result
