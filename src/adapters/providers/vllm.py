"""vLLM's server on this machine; `base_url` for another one."""

from __future__ import annotations

from llm_gateway.adapters.provider_kit.provider_type import CredentialSpec, ProviderType

PROVIDER = ProviderType(
    name="vllm",
    title="vLLM",
    dialect="openai.chat",
    base_url="http://127.0.0.1:8000/v1",
    credential=CredentialSpec(environment="VLLM_API_KEY", required=False),
    unsupported_parameters=frozenset(
        {"audio", "modalities", "prediction", "service_tier", "store", "verbosity", "web_search_options"}
    ),
    documentation="https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html",
)
