"""Plain answer: passed through when it keeps to OpenAI's schema, repaired when it bends it."""

from __future__ import annotations

import msgspec

from llm_gateway.adapters.dialects.openai_chat.completion import decode_completion
from llm_gateway.adapters.dialects.openai_chat.document import read_document, text, write_document
from llm_gateway.adapters.dialects.openai_chat.failure import failure_from
from llm_gateway.adapters.dialects.openai_chat.repaired_completion import repaired_completion
from llm_gateway.adapters.dialects.openai_chat.repaired_usage import wire_usage
from llm_gateway.application.ports.dialect import Answer, AnswerContext
from llm_gateway.domain.errors import UpstreamMalformed


def read_answer(body: bytes, context: AnswerContext) -> Answer:
    """Raises UpstreamMalformed for bytes that are no completion, UpstreamError for an error inside a 200."""
    try:
        completion = decode_completion(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _repaired(body, context)
    if not completion.conforms:
        return _repaired(body, context)
    return Answer(
        body=body,
        usage=completion.usage.to_domain() if completion.usage else None,
        finish_reason=completion.choices[0].finish_reason,
        model=completion.model,
    )


def _repaired(body: bytes, context: AnswerContext) -> Answer:
    document = read_document(body)
    if not isinstance(document, dict):
        raise UpstreamMalformed("the upstream's answer is not a chat completion")
    if document.get("error"):
        raise failure_from(200, document["error"])
    choices = document.get("choices")
    if not isinstance(choices, list) or not choices:
        if document.get("object") == "error" or isinstance(document.get("message"), str):
            raise failure_from(200, document)
        raise UpstreamMalformed("the upstream's answer has no choices")
    completion = repaired_completion(document, context)
    usage = completion.get("usage")
    return Answer(
        body=write_document(completion),
        usage=wire_usage(usage).to_domain() if usage else None,
        finish_reason=completion["choices"][0]["finish_reason"],
        model=text(document.get("model")),
    )
