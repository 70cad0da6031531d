"""Recorded generateContent traffic."""

from __future__ import annotations

from llm_gateway.adapters.dialects.google_generate_content import GoogleGenerateContent
from tests.integration.recordings import Recordings

GOOGLE = Recordings(
    dialect=GoogleGenerateContent(),
    collection="gemini-generate",
    exact_usage="completion",
    # They end without a finishReason.
    unfinished=frozenset({"6ccb724615e5", "2a5953ffca64"}),
)
