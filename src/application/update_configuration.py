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
from llm_gateway.domain.errors import ConfigurationError, Overloaded

# Each worker makes one update at a time, so that as many others can come first.
_TRIES = 8
_RETRY_AFTER_S = 1.0
MOST_EVENTS = 1000
MOST_CHANGES = 10_000


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

    async def __call__(
        self, changes: Sequence[ConfigurationChange], *, reason: str, event: str | None = None
    ) -> ReloadResult | None:
        """`reason` is kept in the history. None: the webhook `event` was taken in before, here or by another
        worker, lately or before a restart (the newest 1,000 are known), and nothing was done.

        Raises ConfigurationError when anything is refused, Overloaded when it could not be stored: then
        nothing has changed anywhere.
        """
        if not changes:
            raise ConfigurationError("no changes were given", path="changes")
        async with self._live.exclusive:
            stored = await asyncio.to_thread(self._store, tuple(changes), event)
            if stored is None:
                return None
            active, old, new = stored
            result = await self._reload.adopt(active, reason)
            if result.status == "refused":
                await asyncio.to_thread(self._stores.overlays.replace, new, old)
                raise ConfigurationError(result.message or "the changes cannot be put in force")
            return result

    def _store(
        self, changes: tuple[ConfigurationChange, ...], event: str | None
    ) -> tuple[ActiveConfiguration, ConfigurationOverlay | None, ConfigurationOverlay] | None:
        """What is to be in force, and the overlays before and after. None: `event` is known.

        Another worker may be doing the same: then its changes come first and these are tried again.
        """
        try:
            for _ in range(_TRIES):
                old = self._stores.overlays.load()
                if old is not None and event in old.events:
                    return None
                active, new = self._wanted(old, changes, event)
                if self._stores.overlays.replace(old, new):
                    return active, old, new
        except OSError as exc:
            raise Overloaded(
                f"the changes cannot be stored: {exc.strerror}", retry_after=_RETRY_AFTER_S
            ) from exc
        raise Overloaded(
            "other changes are being made at the same time; try again", retry_after=_RETRY_AFTER_S
        )

    def _wanted(
        self,
        old: ConfigurationOverlay | None,
        changes: tuple[ConfigurationChange, ...],
        event: str | None,
    ) -> tuple[ActiveConfiguration, ConfigurationOverlay]:
        loaded = self._stores.source.load()
        standing = old.changes if old is not None and old.base == loaded.digest else ()
        asked = ConfigurationOverlay(base=loaded.digest, changes=(*standing, *changes))
        activate(loaded, asked, now=self._clock.now())
        events = old.events if old is not None else ()
        changes = settled(asked.changes)
        if len(changes) > MOST_CHANGES:
            raise ConfigurationError(f"more than {MOST_CHANGES} changes would stand; take them into the file")
        overlay = ConfigurationOverlay(
            base=loaded.digest,
            changes=changes,
            events=events if event is None else (*events, event)[-MOST_EVENTS:],
        )
        return activate(loaded, overlay, now=self._clock.now()), overlay


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
