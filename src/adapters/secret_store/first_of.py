"""FirstOf: several secret stores in order; the first that knows a secret gives it."""

from __future__ import annotations

from collections.abc import Sequence

from typing_extensions import override

from llm_gateway.application.ports.secret_store import SecretStore
from llm_gateway.application.secret import Secret


class FirstOf(SecretStore):
    """A store is not asked for what one before it knows."""

    def __init__(self, stores: Sequence[SecretStore]) -> None:
        self._stores = stores

    @override
    def read(self, name: str) -> Secret | None:
        for store in self._stores:
            if value := store.read(name):
                return value
        return None

    @override
    def refresh(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for store in self._stores for name in store.refresh()))
