"""Plain answers: a GenerateContentResponse as an OpenAI chat completion."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from llm_gateway.adapters.dialects.google_generate_content.choice import Choice
from llm_gateway.adapters.dialects.google_generate_content.citations import hub_annotations
from llm_gateway.adapters.dialects.google_generate_content.failure import failure_inside
from llm_gateway.adapters.dialects.google_generate_content.finish import blocked_prompt, native_name
from llm_gateway.adapters.dialects.google_generate_content.logprobs import hub_logprobs
from llm_gateway.adapters.dialects.google_generate_content.tool_call import BadPath
from llm_gateway.adapters.dialects.google_generate_content.usage import hub_usage, read_usage
from llm_gateway.adapters.dialects.google_generate_content.wire import (
    DECODE_ERRORS,
    Candidate,
    PromptFeedback,
    Response,
    decode_response,
    present,
)
from llm_gateway.application.ports.dialect import Answer, AnswerContext
from llm_gateway.domain.errors import UpstreamMalformed


def read_answer(body: bytes, context: AnswerContext) -> Answer:
    """Raises UpstreamMalformed, or the error that a 200 carried instead of an answer."""
    try:
        response = decode_response(body)
    except DECODE_ERRORS as exc:
        raise UpstreamMalformed("the upstream's answer is not a GenerateContentResponse") from exc
    if error := present(response.error):
        raise failure_inside(error)
    if response.candidates is None and response.prompt_feedback is None:
        raise UpstreamMalformed("the upstream's answer holds neither candidates nor feedback")
    try:
        choices = _choices(response, response.response_id or context.id, context)
    except (*DECODE_ERRORS, BadPath) as exc:
        raise UpstreamMalformed("the upstream's answer holds a tool call that is not one") from exc
    usage = read_usage(present(response.usage_metadata))
    document = {
        "id": response.response_id or context.id,
        "object": "chat.completion",
        "created": created_at(response.create_time, context.created),
        "model": response.model_version or context.model,
        "choices": choices,
        "usage": hub_usage(usage),
    }
    return Answer(
        body=msgspec.json.encode(document),
        usage=usage.to_domain() if usage is not None else None,
        finish_reason=choices[0]["finish_reason"],
        model=response.model_version or None,
    )


def created_at(create_time: str | None, otherwise: int) -> int:
    """Unix seconds of Vertex's `createTime` (RFC 3339), else what the gateway's clock said."""
    try:
        return int(datetime.fromisoformat(create_time).timestamp()) if create_time else otherwise
    except (ValueError, OverflowError, OSError):
        return otherwise


def block_message(feedback: PromptFeedback, reason: str) -> str:
    """What the client reads about a prompt that was blocked."""
    return feedback.block_reason_message or f"The prompt was blocked: {reason}"


def _choices(response: Response, answer_id: str, context: AnswerContext) -> list[dict[str, Any]]:
    candidates = response.candidates or []
    if candidates:
        return [
            _choice(candidate, position, answer_id, context) for position, candidate in enumerate(candidates)
        ]
    feedback = response.prompt_feedback or PromptFeedback()
    reason = blocked_prompt(feedback.block_reason)
    refusal = block_message(feedback, reason) if reason is not None else None
    message = {"role": "assistant", "content": None if refusal else "", "refusal": refusal}
    finish = "content_filter" if reason is not None else "stop"
    return [_as_choice(0, message, finish, native=reason, logprobs=None)]


def _choice(candidate: Candidate, position: int, answer_id: str, context: AnswerContext) -> dict[str, Any]:
    index = candidate.index if candidate.index is not None else position
    choice = Choice(index, answer_id)
    choice.note_end(candidate)
    content = candidate.content
    fields = choice.take((content.parts if content is not None else None) or [])
    _merge(fields, choice.flush())
    refusal = choice.unsaid()
    message: dict[str, Any] = {
        "role": "assistant",
        "content": fields.pop("content", None),
        "refusal": refusal,
    }
    message.update(fields)
    for call in message.get("tool_calls", ()):
        del call["index"]
    if "audio" in message:
        # Nothing is kept upstream: the audio cannot be referred to by its id, now or later.
        message["audio"] |= {"expires_at": context.created, "transcript": ""}
    if message["content"] is None and not (message.keys() & {"tool_calls", "audio"} or refusal):
        message["content"] = ""
    annotations = hub_annotations(
        present(candidate.grounding_metadata), present(candidate.citation_metadata), choice.texts
    )
    if annotations:
        message["annotations"] = annotations
    logprobs = hub_logprobs(present(candidate.logprobs_result))
    native = native_name(candidate.finish_reason)
    return _as_choice(index, message, choice.finish_reason, native=native, logprobs=logprobs)


def _as_choice(
    index: int, message: dict[str, Any], finish: str, *, native: str | None, logprobs: dict[str, Any] | None
) -> dict[str, Any]:
    choice = {"index": index, "message": message, "logprobs": logprobs, "finish_reason": finish}
    if native is not None:
        choice["native_finish_reason"] = native
    return choice


def _merge(fields: dict[str, Any], rest: dict[str, Any]) -> None:
    """Puts the arguments of a call that never ended where they belong."""
    for call in rest.get("tool_calls", ()):
        fields["tool_calls"][call["index"]]["function"]["arguments"] = call["function"]["arguments"]
