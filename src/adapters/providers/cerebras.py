"""Cerebras, which answers 400 to parameters that it does not support."""

from __future__ import annotations

from llm_gateway.adapters.provider_kit.provider_type import CredentialSpec, ProviderType
from llm_gateway.domain.capability import Capability

_CAPABILITIES = frozenset(Capability) - {Capability.AUDIO, Capability.FILES, Capability.N, Capability.VISION}

_UNSUPPORTED = frozenset(
    {
        "audio",
        "frequency_penalty",
        "logit_bias",
        "modalities",
        "n",
        "prediction",
        "presence_penalty",
        "service_tier",
        "store",
        "verbosity",
        "web_search_options",
    }
)

PROVIDER = ProviderType(
    name="cerebras",
    title="Cerebras",
    dialect="openai.chat",
    base_url="https://api.cerebras.ai/v1",
    credential=CredentialSpec(environment="CEREBRAS_API_KEY", secret="cerebras-api-key"),
    capabilities=_CAPABILITIES,
    unsupported_parameters=_UNSUPPORTED,
    options={"omit": tuple(sorted(_UNSUPPORTED))},
    documentation="https://inference-docs.cerebras.ai/resources/openai",
)
