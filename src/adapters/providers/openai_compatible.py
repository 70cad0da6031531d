"""Any server that speaks OpenAI chat completions: configure its base URL, and a key if it wants one."""

from __future__ import annotations

from llm_gateway.adapters.provider_kit.provider_type import CredentialSpec, ProviderType

PROVIDER = ProviderType(
    name="openai_compatible",
    title="OpenAI-compatible",
    dialect="openai.chat",
    base_url=None,
    credential=CredentialSpec(required=False),
)
