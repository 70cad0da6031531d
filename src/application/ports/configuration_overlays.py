"""Port ConfigurationOverlays: the optimizer's changes in force, shared by all workers of a host."""

from __future__ import annotations

from typing import Protocol

from llm_gateway.application.configuration_change import ConfigurationOverlay


class ConfigurationOverlays(Protocol):
    """Called by start, reload, update and revert, never on the request path. Blocks; raises OSError."""

    def load(self) -> ConfigurationOverlay | None:
        """The overlay, None when there is none or what is stored is unreadable."""
        ...

    def replace(self, old: ConfigurationOverlay | None, new: ConfigurationOverlay | None) -> bool:
        """Store `new` if `old` is still the one that is stored; False (and nothing done) otherwise."""
        ...
