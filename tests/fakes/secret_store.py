"""FakeSecretStore: secrets in memory, an outage at will."""

from __future__ import annotations

from typing_extensions import override

from llm_gateway.application.ports.secret_store import SecretStore, SecretUnavailable
from llm_gateway.application.secret import Secret


class FakeSecretStore(SecretStore):
    def __init__(self, values: dict[str, str] | None = None) -> None:
        self.values = values if values is not None else {}
        self.down = False
        self._read: dict[str, Secret | None] = {}

    @override
    def read(self, name: str) -> Secret | None:
        if not self.down:
            value = self.values.get(name)
            self._read[name] = Secret(value) if value else None
        elif self._read.get(name) is None:
            raise SecretUnavailable(f"secret {name!r}: the store is down")
        return self._read[name]

    @override
    def refresh(self) -> tuple[str, ...]:
        if self.down:
            return ()
        before = dict(self._read)
        return tuple(name for name, old in before.items() if self.read(name) != old)
