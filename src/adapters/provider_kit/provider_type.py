"""ProviderType: what one file in adapters/providers exports as `PROVIDER`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from llm_gateway.domain.capability import Capability
from llm_gateway.domain.provider import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialSpec:
    """How the key travels: always in a header. `environment` and `secret` are where it is looked up."""

    header: str = "authorization"
    scheme: str = "Bearer"
    environment: str | None = None
    secret: str | None = None
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderType:
    """`options` are the dialect's declared deviations for this provider, by name (each dialect's module
    docstring lists those it knows); they reach it as `WireTarget.options` and `AnswerContext.options`.

    `known_models` are offered when configuration lists none; `base_url` None means that it must be
    configured. `headers` are sent with every request and hold no secret. `traced_as` is the provider's
    well-known value of OpenTelemetry's `gen_ai.provider.name`, where it is not `name`.
    """

    name: str
    title: str
    dialect: str
    base_url: str | None
    credential: CredentialSpec = CredentialSpec()
    capabilities: frozenset[Capability] = frozenset(Capability)
    unsupported_parameters: frozenset[str] = frozenset()
    known_models: tuple[Model, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    documentation: str = ""
    traced_as: str = ""
