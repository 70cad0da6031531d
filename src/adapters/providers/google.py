"""Google: the Gemini API."""

from __future__ import annotations

from llm_gateway.adapters.provider_kit.provider_type import CredentialSpec, ProviderType
from llm_gateway.domain.capability import Capability
from llm_gateway.domain.provider import Model

PROVIDER = ProviderType(
    name="google",
    title="Google Gemini API",
    dialect="google.generate_content",
    base_url="https://generativelanguage.googleapis.com/v1beta",
    credential=CredentialSpec(
        header="x-goog-api-key", scheme="", environment="GOOGLE_API_KEY", secret="google-api-key"
    ),
    capabilities=frozenset(Capability),
    # What GenerateContentRequest has no field for (google-genai, types.py).
    unsupported_parameters=frozenset(
        {"logit_bias", "moderation", "parallel_tool_calls", "store", "verbosity"}
    ),
    known_models=(Model(name="gemini-*"), Model(name="gemma-*")),
    documentation="https://ai.google.dev/api/generate-content",
)
