"""Port RefusalObserver: told of each request that was not let in."""

from __future__ import annotations

from typing import Literal, Protocol

Refusal = Literal["missing", "unknown", "expired", "token", "scope", "tenant", "signature", "origin"]


class RefusalObserver(Protocol):
    """Called by authentication on the request path, of control endpoints on a thread: counts, and neither
    blocks nor raises."""

    def refused(self, reason: Refusal, principal: str | None = None) -> None:
        """`missing`: no credential was sent; `unknown`: no such key; `expired`: once known; `token`: a token
        that does not hold; `scope`, `tenant`: known, but not for this; `signature`: a webhook that the holder
        of its secret has not signed, or not lately; `origin`: a web page of elsewhere, and no key is needed.
        `principal` is the id of a key or a valid token."""
        ...
