"""xAI, whose stream repeats usage so far in every chunk."""

from __future__ import annotations

from llm_gateway.adapters.provider_kit.provider_type import CredentialSpec, ProviderType
from llm_gateway.domain.capability import Capability

_CAPABILITIES = frozenset(Capability) - {Capability.AUDIO, Capability.FILES}

PROVIDER = ProviderType(
    name="xai",
    title="xAI",
    dialect="openai.chat",
    base_url="https://api.x.ai/v1",
    credential=CredentialSpec(environment="XAI_API_KEY", secret="xai-api-key"),
    capabilities=_CAPABILITIES,
    unsupported_parameters=frozenset(
        {"audio", "logit_bias", "modalities", "prediction", "store", "verbosity"}
    ),
    traced_as="x_ai",
    documentation="https://docs.x.ai/docs/api-reference",
)
