"""Plain OpenAI answer: passed through while usage and finish reason are read."""

from __future__ import annotations

import msgspec

from llm_gateway.adapters.dialects.openai_chat.failure import failure_from
from llm_gateway.adapters.dialects.openai_chat.wire import WireUsage
from llm_gateway.application.ports.dialect import Answer
from llm_gateway.domain.errors import UpstreamMalformed


class _Choice(msgspec.Struct):
    finish_reason: str | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: WireUsage | None = None
    error: msgspec.Raw = msgspec.Raw()


_decode = msgspec.json.Decoder(_Completion).decode
_decode_any = msgspec.json.Decoder().decode


def read_answer(body: bytes) -> Answer:
    """Raises UpstreamMalformed for bytes that are no completion, UpstreamError for an error inside a 200."""
    try:
        completion = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise UpstreamMalformed("the upstream's answer is not a chat completion") from exc
    if completion.error and bytes(completion.error) != b"null":
        raise failure_from(200, _decode_any(completion.error))
    if not completion.choices:
        raise UpstreamMalformed("the upstream's answer has no choices")
    return Answer(
        body=body,
        usage=completion.usage.to_domain() if completion.usage else None,
        finish_reason=completion.choices[0].finish_reason,
    )
