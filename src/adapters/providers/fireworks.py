"""Fireworks AI."""

from __future__ import annotations

from llm_gateway.adapters.provider_kit.provider_type import CredentialSpec, ProviderType
from llm_gateway.domain.capability import Capability

_CAPABILITIES = frozenset(Capability) - {Capability.AUDIO, Capability.FILES}

PROVIDER = ProviderType(
    name="fireworks",
    title="Fireworks AI",
    dialect="openai.chat",
    base_url="https://api.fireworks.ai/inference/v1",
    credential=CredentialSpec(environment="FIREWORKS_API_KEY", secret="fireworks-api-key"),
    capabilities=_CAPABILITIES,
    unsupported_parameters=frozenset({"audio", "modalities", "store", "verbosity", "web_search_options"}),
    options={"max_tokens_field": "max_tokens", "developer_role": False},
    documentation="https://docs.fireworks.ai/api-reference/post-chatcompletions",
)
