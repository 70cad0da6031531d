"""OpenAI."""

from __future__ import annotations

from llm_gateway.adapters.provider_kit.provider_type import CredentialSpec, ProviderType
from llm_gateway.domain.provider import Model

PROVIDER = ProviderType(
    name="openai",
    title="OpenAI",
    dialect="openai.chat",
    base_url="https://api.openai.com/v1",
    credential=CredentialSpec(environment="OPENAI_API_KEY", secret="openai-api-key"),
    known_models=(
        Model(name="gpt-*"),
        Model(name="chatgpt-*"),
        Model(name="o1*"),
        Model(name="o3*"),
        Model(name="o4*"),
        Model(name="ft:*"),
    ),
    documentation="https://platform.openai.com/docs/api-reference/chat",
)
