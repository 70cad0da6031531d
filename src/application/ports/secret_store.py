"""Port SecretStore: values of secrets by their name, from wherever the platform keeps them."""

from __future__ import annotations

from typing import Protocol

from llm_gateway.application.secret import Secret


class SecretUnavailable(Exception):
    """A look-up that failed; the message names the secret and the way out, never a value.

    `denied` is True when the store said no for good (a missing permission), False for an outage.
    """

    def __init__(self, message: str, *, denied: bool = False) -> None:
        super().__init__(message)
        self.denied = denied


class SecretStore(Protocol):
    """Called when a configuration is loaded, and from the background. Both methods block."""

    def read(self, name: str) -> Secret | None:
        """The value that is current, None when there is no such secret. Raises SecretUnavailable.

        A value that was read before is given again while the store cannot be reached.
        """
        ...

    def refresh(self) -> tuple[str, ...]:
        """Look again at every secret that was read; the names of those with another value now. Never raises
        for one that cannot be reached: it keeps its value."""
        ...
