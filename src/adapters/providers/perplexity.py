"""Perplexity Sonar, which searches by itself, calls no tools and reports usage so far in every chunk."""

from __future__ import annotations

from llm_gateway.adapters.provider_kit.provider_type import CredentialSpec, ProviderType
from llm_gateway.domain.capability import Capability

_CAPABILITIES = frozenset(
    {
        Capability.STREAMING,
        Capability.VISION,
        Capability.FILES,
        Capability.JSON_SCHEMA,
        Capability.REASONING,
    }
)

_UNSUPPORTED = frozenset(
    {
        "audio",
        "logit_bias",
        "logprobs",
        "modalities",
        "n",
        "parallel_tool_calls",
        "prediction",
        "seed",
        "service_tier",
        "store",
        "top_logprobs",
        "verbosity",
    }
)

PROVIDER = ProviderType(
    name="perplexity",
    title="Perplexity",
    dialect="openai.chat",
    base_url="https://api.perplexity.ai",
    credential=CredentialSpec(environment="PERPLEXITY_API_KEY", secret="perplexity-api-key"),
    capabilities=_CAPABILITIES,
    unsupported_parameters=_UNSUPPORTED,
    options={
        "stream_usage": False,
        "max_tokens_field": "max_tokens",
        "omit": tuple(sorted(_UNSUPPORTED)),
        "developer_role": False,
    },
    documentation="https://docs.perplexity.ai/api-reference/chat-completions-post",
)
