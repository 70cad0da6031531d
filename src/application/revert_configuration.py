"""RevertConfiguration: put an earlier version back where the configuration is read from."""

from __future__ import annotations

from llm_gateway.application.active_configuration import activate
from llm_gateway.application.configuration_change import ConfigurationOverlay
from llm_gateway.application.ports.clock import Clock
from llm_gateway.application.ports.configuration_history import ConfigurationVersion
from llm_gateway.application.reload_configuration import ConfigurationStores
from llm_gateway.domain.errors import ConfigurationError, NotFound


class RevertConfiguration:
    """Used by the CLI, beside running gateways: their watches see the change and reload."""

    def __init__(self, stores: ConfigurationStores, clock: Clock) -> None:
        self._stores = stores
        self._clock = clock

    def __call__(self, version_id: str) -> ConfigurationVersion:
        """The version that is now written. Blocks.

        Raises NotFound for an unknown id and ConfigurationError when the version is not valid here and now
        (a variable is gone, a written-out key was not kept); then nothing has changed.
        """
        try:
            version = self._stores.history.load(version_id)
            if version is None:
                raise NotFound(f"no configuration version {version_id!r}")
            self._write(version)
        except OSError as exc:
            raise ConfigurationError(f"cannot revert: {exc.strerror}") from exc
        return version

    def _write(self, version: ConfigurationVersion) -> None:
        source, overlays = self._stores.source, self._stores.overlays
        # The text kept is without credentials. When the file still is that version, it is left as it is.
        unchanged = self._digest_now() == version.digest
        loaded = source.load() if unchanged else source.check(version.text)
        old = overlays.load()
        events = old.events if old is not None else ()
        overlay = ConfigurationOverlay(base=loaded.digest, changes=version.changes, events=events)
        activate(loaded, overlay, now=self._clock.now())
        if not unchanged:
            source.write(version.text)
        if not overlays.replace(old, overlay if version.changes or events else None):
            raise ConfigurationError("the optimizer is making changes at the same time; try again")

    def _digest_now(self) -> str | None:
        """None when what is written now is not valid: going back from that is what reverting is for."""
        try:
            return self._stores.source.load().digest
        except ConfigurationError:
            return None
