"""LM Studio on this machine; `base_url` for another one."""

from __future__ import annotations

from llm_gateway.adapters.provider_kit.provider_type import CredentialSpec, ProviderType
from llm_gateway.domain.capability import Capability

_CAPABILITIES = frozenset(Capability) - {
    Capability.AUDIO,
    Capability.FILES,
    Capability.JSON_OBJECT,
    Capability.LOGPROBS,
    Capability.N,
}

PROVIDER = ProviderType(
    name="lmstudio",
    title="LM Studio",
    dialect="openai.chat",
    base_url="http://127.0.0.1:1234/v1",
    credential=CredentialSpec(required=False),
    capabilities=_CAPABILITIES,
    unsupported_parameters=frozenset(
        {
            "audio",
            "logprobs",
            "modalities",
            "n",
            "parallel_tool_calls",
            "prediction",
            "service_tier",
            "store",
            "top_logprobs",
            "verbosity",
            "web_search_options",
        }
    ),
    options={"max_tokens_field": "max_tokens", "developer_role": False},
    documentation="https://lmstudio.ai/docs/developer/openai-compat/chat-completions",
)
