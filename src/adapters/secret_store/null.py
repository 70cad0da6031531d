"""NullSecretStore: knows nothing."""

from __future__ import annotations

from typing_extensions import override

from llm_gateway.application.ports.secret_store import SecretStore
from llm_gateway.application.secret import Secret


class NullSecretStore(SecretStore):
    """The default when nothing is configured."""

    @override
    def read(self, name: str) -> Secret | None:
        return None

    @override
    def refresh(self) -> tuple[str, ...]:
        return ()
