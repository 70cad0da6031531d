"""UpdateConfiguration: the optimizer's changes, validated whole and put in force, or refused."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from llm_gateway.application.active_configuration import ActiveConfiguration, activate
from llm_gateway.application.configuration_change import (
    UNSTATED,
    ConfigurationChange,
    ConfigurationOverlay,
)
from llm_gateway.application.live_configuration import LiveConfiguration, ReloadResult
from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.reload_configuration import ConfigurationStores, ReloadConfiguration
from llm_gateway.domain.errors import ConfigurationError

_TRIES = 4


class UpdateConfiguration:
    """The changes go on top of what is written now. Other workers follow by watching the overlay."""

    def __init__(
        self,
        live: LiveConfiguration,
        stores: ConfigurationStores,
        reload: ReloadConfiguration,
        clock: Clock,
    ) -> None:
        self._live = live
        self._stores = stores
        self._reload = reload
        self._clock = clock

    async def __call__(self, changes: Sequence[ConfigurationChange], *, reason: str) -> ReloadResult:
        """`reason` is kept in the history. Raises ConfigurationError when anything is refused: then nothing
        has changed anywhere."""
        if not changes:
            raise ConfigurationError("no changes were given", path="changes")
        async with self._live.exclusive:
            active = await asyncio.to_thread(self._store, tuple(changes))
            return await self._reload.adopt(active, reason)

    def _store(self, changes: tuple[ConfigurationChange, ...]) -> ActiveConfiguration:
        """Another worker may be doing the same: then its changes come first and these are tried again."""
        try:
            for _ in range(_TRIES):
                loaded = self._stores.source.load()
                old = self._stores.overlays.load()
                standing = old.changes if old is not None and old.base == loaded.digest else ()
                asked = ConfigurationOverlay(base=loaded.digest, changes=(*standing, *changes))
                activate(loaded, asked, now=self._clock.now())
                overlay = ConfigurationOverlay(base=loaded.digest, changes=settled(asked.changes))
                active = activate(loaded, overlay, now=self._clock.now())
                if self._stores.overlays.replace(old, overlay):
                    return active
        except OSError as exc:
            raise ConfigurationError(f"the changes cannot be stored: {exc.strerror}") from exc
        raise ConfigurationError("other changes are being made at the same time; try again")


def settled(changes: Sequence[ConfigurationChange]) -> tuple[ConfigurationChange, ...]:
    """The same changes for keeping: without the old values, which have been checked, and without those that
    a later one of the same parameter overrides, so that years of updates stay a short list."""
    kept: dict[object, ConfigurationChange] = {}
    for place, change in enumerate(changes):
        replaces = change.change_type in ("replace", "update")
        key: object = change.parameter if replaces else place
        kept.pop(key, None)
        kept[key] = replace(change, old_value=UNSTATED)
    return tuple(kept.values())
