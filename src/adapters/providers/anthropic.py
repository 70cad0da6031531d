"""Anthropic."""

from __future__ import annotations

from llm_gateway.adapters.provider_kit.provider_type import CredentialSpec, ProviderType
from llm_gateway.domain.capability import Capability
from llm_gateway.domain.provider import Model

_CAPABILITIES = frozenset(Capability) - {Capability.AUDIO, Capability.LOGPROBS, Capability.N}
# JSON without a schema is a forced tool call, which these models refuse.
_WITHOUT_JSON_OBJECT = _CAPABILITIES - {Capability.JSON_OBJECT}

PROVIDER = ProviderType(
    name="anthropic",
    title="Anthropic",
    dialect="anthropic.messages",
    base_url="https://api.anthropic.com",
    credential=CredentialSpec(
        header="x-api-key", scheme="", environment="ANTHROPIC_API_KEY", secret="anthropic-api-key"
    ),
    capabilities=_CAPABILITIES,
    unsupported_parameters=frozenset(
        {
            "n",
            "logprobs",
            "top_logprobs",
            "logit_bias",
            "frequency_penalty",
            "presence_penalty",
            "seed",
            "audio",
        }
    ),
    known_models=(
        Model(name="claude-opus-5-5", context_window=1_000_000, capabilities=_WITHOUT_JSON_OBJECT),
        Model(name="claude-sonnet-5-5", context_window=1_000_000, capabilities=_WITHOUT_JSON_OBJECT),
        Model(name="claude-haiku-5-5", context_window=1_000_000),
        Model(name="claude-fable-5-2", context_window=1_000_000, capabilities=_WITHOUT_JSON_OBJECT),
        Model(name="claude-opus-5", context_window=1_000_000),
        Model(name="claude-sonnet-5", context_window=1_000_000),
        Model(name="claude-haiku-4-5", aliases=("claude-haiku-4-5-20251001",), context_window=200_000),
        Model(name="claude-*"),
    ),
    documentation="https://platform.claude.com/docs/en/api/messages",
)
