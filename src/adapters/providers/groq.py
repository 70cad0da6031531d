"""Groq, which reports usage of streams in `x_groq` and reasoning as `reasoning`."""

from __future__ import annotations

from llm_gateway.adapters.provider_kit.provider_type import CredentialSpec, ProviderType
from llm_gateway.domain.capability import Capability

_CAPABILITIES = frozenset(Capability) - {
    Capability.AUDIO,
    Capability.FILES,
    Capability.LOGPROBS,
    Capability.N,
}

_UNSUPPORTED = frozenset(
    {
        "audio",
        "logit_bias",
        "logprobs",
        "modalities",
        "n",
        "prediction",
        "store",
        "top_logprobs",
        "verbosity",
        "web_search_options",
    }
)

PROVIDER = ProviderType(
    name="groq",
    title="Groq",
    dialect="openai.chat",
    base_url="https://api.groq.com/openai/v1",
    credential=CredentialSpec(environment="GROQ_API_KEY", secret="groq-api-key"),
    capabilities=_CAPABILITIES,
    unsupported_parameters=_UNSUPPORTED,
    options={
        "omit": tuple(sorted(_UNSUPPORTED)),
        "omit_from_messages": ("name", "reasoning_content"),
    },
    documentation="https://console.groq.com/docs/openai",
)
