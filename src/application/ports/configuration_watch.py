"""Port ConfigurationWatch: notices that the configuration may have changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol


class ConfigurationWatch(Protocol):
    """Called once per worker, by the task that reloads. Cancelling the iteration ends the watching."""

    def changes(self) -> AsyncIterator[str]:
        """One notice (in words) after each burst of changes, at most about a second later, and one as soon as
        it watches: what changed between loading and watching is not missed. Never raises for a file that is
        missing for a while."""
        ...
