"""Provider types for configuration tests: one of each kind that matters."""

from __future__ import annotations

from llm_gateway.adapters.provider_kit.provider_type import CredentialSpec, ProviderType
from llm_gateway.domain.capability import Capability
from llm_gateway.domain.provider import Model

PROVIDER_TYPES: dict[str, ProviderType] = {
    kind.name: kind
    for kind in (
        ProviderType(
            name="openai",
            title="OpenAI",
            dialect="openai.chat",
            base_url="https://api.openai.test/v1",
            credential=CredentialSpec(environment="OPENAI_API_KEY", secret="openai-api-key"),
            known_models=(Model(name="gpt-4o", context_window=128_000), Model(name="gpt-*")),
            headers=(("x-from-type", "yes"),),
        ),
        ProviderType(
            name="anthropic",
            title="Anthropic",
            dialect="anthropic.messages",
            base_url="https://api.anthropic.test",
            credential=CredentialSpec(
                header="x-api-key", scheme="", environment="ANTHROPIC_API_KEY", secret="anthropic-api-key"
            ),
            known_models=(Model(name="claude-*"),),
            capabilities=frozenset(Capability) - {Capability.N, Capability.LOGPROBS},
            unsupported_parameters=frozenset({"logit_bias"}),
            options={"default_max_tokens": 4096},
        ),
        ProviderType(
            name="openai_compatible",
            title="OpenAI-compatible",
            dialect="openai.chat",
            base_url=None,
            credential=CredentialSpec(required=False),
        ),
    )
}
