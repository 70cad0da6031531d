"""Provider google."""

from __future__ import annotations

from google.genai import types

from llm_gateway.adapters.dialects.google_generate_content import GoogleGenerateContent
from llm_gateway.adapters.providers.google import PROVIDER


def test_the_key_travels_in_a_header_of_its_own() -> None:
    """Bare, without a scheme, and never in a URL."""
    assert (PROVIDER.credential.header, PROVIDER.credential.scheme) == ("x-goog-api-key", "")
    assert PROVIDER.base_url is not None and "?" not in PROVIDER.base_url


def test_its_dialect_exists() -> None:
    """By its name."""
    assert PROVIDER.dialect == GoogleGenerateContent.name


def test_unsupported_parameters_have_no_field_at_google() -> None:
    """The SDK's own types are the authority."""
    known = types.GenerationConfig.model_fields.keys() | types.GenerateContentConfig.model_fields.keys()
    assert not PROVIDER.unsupported_parameters & known
