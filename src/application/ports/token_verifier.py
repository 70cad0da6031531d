"""Port TokenVerifier: who a signed token says is asking."""

from __future__ import annotations

from typing import Protocol

from llm_gateway.domain.principal import Principal


class TokenVerifier(Protocol):
    """Called by authentication for what is no known key. Does not block: keys were fetched before."""

    def verify(self, token: bytes) -> Principal:
        """The token's principal with its expiry. Raises AuthenticationFailed, and Overloaded while the keys
        that tokens are checked with have not been fetched. Neither repeats the token."""
        ...
