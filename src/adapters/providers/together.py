"""Together AI, whose `logprobs` is a number and whose deltas repeat the role."""

from __future__ import annotations

from llm_gateway.adapters.provider_kit.provider_type import CredentialSpec, ProviderType
from llm_gateway.domain.capability import Capability

_CAPABILITIES = frozenset(Capability) - {Capability.AUDIO, Capability.FILES, Capability.LOGPROBS}

_UNSUPPORTED = frozenset(
    {
        "audio",
        "logprobs",
        "modalities",
        "parallel_tool_calls",
        "prediction",
        "service_tier",
        "store",
        "top_logprobs",
        "verbosity",
        "web_search_options",
    }
)

PROVIDER = ProviderType(
    name="together",
    title="Together AI",
    dialect="openai.chat",
    base_url="https://api.together.xyz/v1",
    credential=CredentialSpec(environment="TOGETHER_API_KEY", secret="together-api-key"),
    capabilities=_CAPABILITIES,
    unsupported_parameters=_UNSUPPORTED,
    options={
        "max_tokens_field": "max_tokens",
        "omit": tuple(sorted(_UNSUPPORTED)),
        "developer_role": False,
    },
    documentation="https://docs.together.ai/reference/chat-completions-1",
)
