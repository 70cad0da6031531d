"""EnvironmentSecretStore: `openai-api-key` is the variable OPENAI_API_KEY."""

from __future__ import annotations

from collections.abc import Mapping

from typing_extensions import override

from llm_gateway.application.ports.secret_store import SecretStore
from llm_gateway.application.secret import Secret


class EnvironmentSecretStore(SecretStore):
    """The environment as it was at start: nothing in it ever changes. An empty variable is none."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    @override
    def read(self, name: str) -> Secret | None:
        value = self._environment.get(name.replace("-", "_").upper())
        return Secret(value) if value else None

    @override
    def refresh(self) -> tuple[str, ...]:
        return ()
