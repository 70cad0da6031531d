"""Port ConfigurationSource: where the configuration is read from, checked against, and written back to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

ConfigurationT = TypeVar("ConfigurationT")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedConfiguration(Generic[ConfigurationT]):
    """`text` is what was written, before substitution and without credentials written out in clear: fit to
    be kept. `digest` is the SHA-256 (hex) of what really was written. Both are of the empty text when
    there is no file. `origin` names the place for people."""

    configuration: ConfigurationT
    text: str
    digest: str
    origin: str


class ConfigurationSource(Protocol[ConfigurationT]):
    """Called by start, reload, revert and the CLI. All three block: with a loop running, call from a thread.

    Each raises ConfigurationError (path, line, hint, others) and leaves everything as it was.
    """

    def load(self) -> LoadedConfiguration[ConfigurationT]:
        """Read, substitute and validate it whole."""
        ...

    def check(self, text: str) -> LoadedConfiguration[ConfigurationT]:
        """What `load` would give if this text were written there."""
        ...

    def write(self, text: str) -> None:
        """Put the text in place at once, for every reader as a whole."""
        ...
