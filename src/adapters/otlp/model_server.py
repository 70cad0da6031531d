"""ModelServer: what a span says of the upstream that was called."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelServer:
    """`system` is a well-known value of `gen_ai.provider.name`, or the provider type's own name. Without an
    `address` the account is no longer configured."""

    system: str
    address: str | None = None
    port: int | None = None
