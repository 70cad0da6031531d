"""Ollama on this machine; `base_url` for another one."""

from __future__ import annotations

from llm_gateway.adapters.provider_kit.provider_type import CredentialSpec, ProviderType
from llm_gateway.domain.capability import Capability

_CAPABILITIES = frozenset(Capability) - {Capability.AUDIO, Capability.FILES, Capability.N}

PROVIDER = ProviderType(
    name="ollama",
    title="Ollama",
    dialect="openai.chat",
    base_url="http://127.0.0.1:11434/v1",
    credential=CredentialSpec(required=False),
    capabilities=_CAPABILITIES,
    unsupported_parameters=frozenset(
        {
            "audio",
            "logit_bias",
            "modalities",
            "n",
            "parallel_tool_calls",
            "prediction",
            "service_tier",
            "store",
            "verbosity",
            "web_search_options",
        }
    ),
    options={"max_tokens_field": "max_tokens", "developer_role": False},
    documentation="https://docs.ollama.com/api/openai-compatibility",
)
