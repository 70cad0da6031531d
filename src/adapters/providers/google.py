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
    unsupported_parameters=frozenset({"logit_bias", "parallel_tool_calls", "verbosity"}),
    # Sizes as in genai-prices; the patterns stand for every other model of the families.
    known_models=(
        Model(name="gemini-4-argon", context_window=1_048_576),
        Model(name="gemini-3.8-flash", context_window=1_000_000),
        Model(name="gemini-3.7-flash", context_window=1_000_000),
        Model(name="gemini-3.6-flash", context_window=1_000_000),
        Model(name="gemini-3.5-flash", context_window=1_000_000),
        Model(name="gemini-3.5-flash-lite", context_window=1_000_000),
        Model(name="gemini-3.1-flash-lite", context_window=1_000_000),
        Model(name="gemini-3-flash-preview", context_window=1_000_000),
        Model(name="gemini-2.5-pro"),
        Model(name="gemini-2.5-flash", context_window=1_048_576),
        Model(name="gemini-2.5-flash-lite", context_window=1_000_000),
        Model(name="gemini-*"),
        Model(name="gemma-*"),
    ),
    traced_as="gcp.gemini",
    documentation="https://ai.google.dev/api/generate-content",
)
