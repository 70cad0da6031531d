"""Port ConfigurationHistory: the configurations that were in force, newest first, to go back to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from llm_gateway.application.configuration_change import ConfigurationChange


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationVersion:
    """`text` is the file as written, before substitution and without credentials; `digest` is the source's
    own; `recorded_at` Unix seconds; `reason` what brought it into force (`start`, `file changed`, …)."""

    recorded_at: float
    reason: str
    digest: str
    snapshot_hash: str
    text: str
    changes: tuple[ConfigurationChange, ...] = ()

    def same_content(self, other: ConfigurationVersion) -> bool:
        return (self.digest, self.changes) == (other.digest, other.changes)


class ConfigurationHistory(Protocol):
    """Called by reload and the CLI, never on the request path. Blocks; raises OSError. Keeps a bounded
    number of versions."""

    def record(self, version: ConfigurationVersion) -> str:
        """Keep a version and give its id, which sorts by time. Recording the content of the newest one
        again (every worker does) keeps one and gives that one's id."""
        ...

    def list(self) -> Sequence[tuple[str, ConfigurationVersion]]:
        """Ids and versions, newest first."""
        ...

    def load(self, version_id: str) -> ConfigurationVersion | None:
        """None for an id that is unknown or has been let go."""
        ...
