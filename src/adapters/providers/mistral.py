"""Mistral AI, which answers 422 to members that it does not know and reports usage unasked."""

from __future__ import annotations

from llm_gateway.adapters.provider_kit.provider_type import CredentialSpec, ProviderType
from llm_gateway.domain.capability import Capability

_CAPABILITIES = frozenset(Capability) - {Capability.LOGPROBS}

_UNSUPPORTED = frozenset(
    {
        "audio",
        "logit_bias",
        "logprobs",
        "modalities",
        "service_tier",
        "store",
        "top_logprobs",
        "verbosity",
        "web_search_options",
    }
)

PROVIDER = ProviderType(
    name="mistral",
    title="Mistral AI",
    dialect="openai.chat",
    base_url="https://api.mistral.ai/v1",
    credential=CredentialSpec(environment="MISTRAL_API_KEY", secret="mistral-api-key"),
    capabilities=_CAPABILITIES,
    unsupported_parameters=_UNSUPPORTED,
    options={
        "stream_usage": False,
        "max_tokens_field": "max_tokens",
        "rename": {"seed": "random_seed"},
        "omit": (*sorted(_UNSUPPORTED), "metadata", "user", "prompt_cache_key", "safety_identifier"),
        "omit_from_messages": ("reasoning_content", "reasoning", "refusal", "annotations", "audio"),
        "developer_role": False,
    },
    traced_as="mistral_ai",
    documentation="https://docs.mistral.ai/api",
)
