"""ReloadConfiguration: read the configuration again and put it in force whole, or keep the old one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Literal

from llm_gateway.application.active_configuration import ActiveConfiguration, activate
from llm_gateway.application.configuration import GatewayConfiguration
from llm_gateway.application.live_configuration import LiveConfiguration, ReloadResult
from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.configuration_history import ConfigurationHistory
from llm_gateway.application.ports.configuration_overlays import ConfigurationOverlays
from llm_gateway.application.ports.configuration_source import ConfigurationSource
from llm_gateway.application.ports.configuration_watch import ConfigurationWatch
from llm_gateway.application.ports.snapshot_archive import SnapshotArchive
from llm_gateway.domain.errors import ConfigurationError

# Sockets, the spool and the tracer are opened once: a new value waits for the next start.
_READ_AT_START = ("server", "audit", "telemetry")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationStores:
    """Where a configuration comes from and where what was in force is kept."""

    source: ConfigurationSource[GatewayConfiguration]
    overlays: ConfigurationOverlays
    history: ConfigurationHistory
    archive: SnapshotArchive

    def read(self, now: float) -> ActiveConfiguration:
        """The configuration as it is written now, with the optimizer's changes. Blocks.

        Raises ConfigurationError. An overlay that cannot be read is a mishap of the same kind.
        """
        try:
            overlay = self.overlays.load()
        except OSError as exc:
            raise ConfigurationError(f"the optimizer's changes cannot be read: {exc.strerror}") from exc
        return activate(self.source.load(), overlay, now=now)

    def keep(self, active: ActiveConfiguration, reason: str) -> tuple[str | None, tuple[str, ...]]:
        """Record what has come into force. Blocks; gives the version's id in the history (None: not kept),
        and the mishaps, which take nothing out of force."""
        version, mishaps = None, []
        try:
            version = self.history.record(active.version(reason)) or None
        except OSError as exc:
            mishaps.append(f"history not written: {exc.strerror}")
        try:
            self.archive.save(active.snapshot.hash, active.snapshot.document())
        except OSError as exc:
            mishaps.append(f"archive not written: {exc.strerror}")
        return version, tuple(mishaps)


def open_configuration(stores: ConfigurationStores, clock: Clock) -> LiveConfiguration:
    """The first one, at start. Blocks; raises ConfigurationError when it is not valid."""
    active = stores.read(clock.now())
    version, notes = stores.keep(active, "start")
    result = ReloadResult(
        status="accepted",
        trigger="start",
        at=active.since,
        snapshot_hash=active.snapshot.hash,
        notes=notes,
        version=version,
    )
    return LiveConfiguration(active, result)


class ReloadConfiguration:
    """One for each worker; calls queue up behind each other."""

    def __init__(
        self,
        live: LiveConfiguration,
        stores: ConfigurationStores,
        clock: Clock,
        observe: Callable[[ReloadResult], None],
    ) -> None:
        """`observe` is told each result: the metric, the log line, the compliance event."""
        self._live = live
        self._stores = stores
        self._clock = clock
        self._observe = observe

    async def __call__(self, trigger: str) -> ReloadResult:
        """Never raises for a bad configuration; the result says how it went. `trigger`: `SIGHUP`, …"""
        async with self._live.exclusive:
            now = self._clock.now()
            try:
                active = await asyncio.to_thread(self._stores.read, now)
            except ConfigurationError as exc:
                return self._report("refused", trigger, now, message=exc.message)
            return await self.adopt(active, trigger)

    async def adopt(self, active: ActiveConfiguration, trigger: str) -> ReloadResult:
        """Put a validated configuration in force. The caller holds `live.exclusive`."""
        before = self._live.active
        if _same(active, before):
            return self._report("unchanged", trigger, active.since)
        result = ReloadResult(
            status="accepted",
            trigger=trigger,
            at=active.since,
            snapshot_hash=active.snapshot.hash,
            needs_restart=tuple(_read_at_start(before.configuration, active.configuration)),
        )
        try:
            self._live.swap(active, result)
        except Exception as exc:  # a listener is the container's code: its mishap must not end reloading
            return self._report("refused", trigger, active.since, message=f"not put in force: {exc}")
        version, notes = await asyncio.to_thread(self._stores.keep, active, trigger)
        result = replace(result, version=version, notes=notes)
        self._live.report(result)
        self._observe(result)
        return result

    async def follow(self, watch: ConfigurationWatch) -> None:
        """Reload after each notice, until cancelled or until the watch ends."""
        async for notice in watch.changes():
            await self(notice)

    def _report(
        self, status: Literal["unchanged", "refused"], trigger: str, at: float, message: str | None = None
    ) -> ReloadResult:
        result = ReloadResult(
            status=status,
            trigger=trigger,
            at=at,
            snapshot_hash=self._live.current().hash,
            message=message,
        )
        self._live.report(result)
        self._observe(result)
        return result


def _same(new: ActiveConfiguration, old: ActiveConfiguration) -> bool:
    return (new.configuration, new.digest, new.changes) == (old.configuration, old.digest, old.changes)


def _read_at_start(old: GatewayConfiguration, new: GatewayConfiguration) -> Iterator[str]:
    for section in _READ_AT_START:
        before, after = getattr(old, section), getattr(new, section)
        for field in fields(before):
            if getattr(before, field.name) != getattr(after, field.name):
                yield f"{section}.{field.name}"
