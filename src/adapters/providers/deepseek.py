"""DeepSeek: text only, JSON without a schema."""

from __future__ import annotations

from llm_gateway.adapters.provider_kit.provider_type import CredentialSpec, ProviderType
from llm_gateway.domain.capability import Capability

_CAPABILITIES = frozenset(Capability) - {
    Capability.AUDIO,
    Capability.FILES,
    Capability.JSON_SCHEMA,
    Capability.N,
    Capability.VISION,
}

PROVIDER = ProviderType(
    name="deepseek",
    title="DeepSeek",
    dialect="openai.chat",
    base_url="https://api.deepseek.com",
    credential=CredentialSpec(environment="DEEPSEEK_API_KEY", secret="deepseek-api-key"),
    capabilities=_CAPABILITIES,
    unsupported_parameters=frozenset(
        {
            "audio",
            "logit_bias",
            "modalities",
            "n",
            "parallel_tool_calls",
            "prediction",
            "seed",
            "service_tier",
            "store",
            "verbosity",
            "web_search_options",
        }
    ),
    options={"max_tokens_field": "max_tokens", "developer_role": False},
    documentation="https://api-docs.deepseek.com/api/create-chat-completion",
)
