"""OpenRouter, which sends comments while it waits and errors inside a 200."""

from __future__ import annotations

from llm_gateway.adapters.provider_kit.provider_type import CredentialSpec, ProviderType
from llm_gateway.domain.capability import Capability

_CAPABILITIES = frozenset(Capability) - {Capability.N}

PROVIDER = ProviderType(
    name="openrouter",
    title="OpenRouter",
    dialect="openai.chat",
    base_url="https://openrouter.ai/api/v1",
    credential=CredentialSpec(environment="OPENROUTER_API_KEY", secret="openrouter-api-key"),
    capabilities=_CAPABILITIES,
    unsupported_parameters=frozenset({"n", "store"}),
    documentation="https://openrouter.ai/docs/api-reference/chat-completion",
)
