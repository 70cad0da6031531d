"""Dialect `google.generate_content`: Google's Gemini generateContent and streamGenerateContent.

Base URL: `https://generativelanguage.googleapis.com/v1beta` (Gemini API), or `…/publishers/google` of a
Vertex AI location. It knows no options.
"""

from __future__ import annotations

from collections.abc import Mapping

from llm_gateway.adapters.dialects.google_generate_content.answer import read_answer
from llm_gateway.adapters.dialects.google_generate_content.failure import read_failure
from llm_gateway.adapters.dialects.google_generate_content.request import encode_request
from llm_gateway.adapters.dialects.google_generate_content.stream import GoogleStream
from llm_gateway.application.ports.dialect import (
    Answer,
    AnswerContext,
    HubRequest,
    StreamReader,
    WireRequest,
    WireTarget,
)
from llm_gateway.domain.errors import UpstreamError


class GoogleGenerateContent:
    name = "google.generate_content"

    def encode(self, request: HubRequest, target: WireTarget) -> WireRequest:
        return encode_request(request, target)

    def answer(self, body: bytes, context: AnswerContext) -> Answer:
        return read_answer(body, context)

    def stream(self, context: AnswerContext) -> StreamReader:
        return GoogleStream(context)

    def failure(self, status: int, headers: Mapping[str, str], body: bytes) -> UpstreamError:
        return read_failure(status, headers, body)


__all__ = ["GoogleGenerateContent"]
