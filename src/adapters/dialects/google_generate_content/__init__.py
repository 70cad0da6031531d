"""Dialect `google.generate_content`: Google's Gemini generateContent and streamGenerateContent.

Base URL: `https://generativelanguage.googleapis.com/v1beta` (Gemini API), or `…/publishers/google` of a
Vertex AI location. It knows no options.
"""

from __future__ import annotations

from llm_gateway.adapters.dialects.google_generate_content.answer import read_answer
from llm_gateway.adapters.dialects.google_generate_content.failure import read_failure
from llm_gateway.adapters.dialects.google_generate_content.request import encode_request
from llm_gateway.adapters.dialects.google_generate_content.stream import GoogleStream


class GoogleGenerateContent:
    name = "google.generate_content"
    encode = staticmethod(encode_request)
    answer = staticmethod(read_answer)
    stream = staticmethod(GoogleStream)
    failure = staticmethod(read_failure)


__all__ = ["GoogleGenerateContent"]
