"""Azure OpenAI with a resource key.

`base_url` is the resource's endpoint, `https://NAME.openai.azure.com`; a model is a deployment, or is mapped
to one by the option `deployments`. Without `api_version` the v1 API is spoken, with a dated one the
deployments' own paths.
"""

from __future__ import annotations

from llm_gateway.adapters.provider_kit.provider_type import CredentialSpec, ProviderType

PROVIDER = ProviderType(
    name="azure_openai",
    title="Azure OpenAI",
    dialect="openai.chat",
    base_url=None,
    credential=CredentialSpec(
        header="api-key", scheme="", environment="AZURE_OPENAI_API_KEY", secret="azure-openai-api-key"
    ),
    # The search models of OpenAI are not among the deployments.
    unsupported_parameters=frozenset({"web_search_options"}),
    options={
        "path": "/openai/v1/chat/completions",
        "deployment_path": "/openai/deployments/{deployment}/chat/completions",
    },
    traced_as="azure.ai.openai",
    documentation="https://learn.microsoft.com/azure/ai-foundry/openai/reference",
)
