"""What is read of a GenerateContentResponse: one answer, or one event of a stream.

Source: google-genai `types.py` (GenerateContentResponse, Candidate, Part, FunctionCall, PartialArg). Metadata
that only some answers carry stays bytes until it is asked for, and every field may be missing or null.
Enumerations are names, or numbers when the upstream encodes them so (`$alt=json;enum-encoding=int`).
"""

from __future__ import annotations

import msgspec

NOTHING = msgspec.Raw()
_NULL = b"null"


class PartialArg(msgspec.Struct, rename="camel"):
    """A piece of an argument: `json_path` as in RFC 9535, one value field set."""

    json_path: str = "$"
    string_value: str | None = None
    number_value: int | float | None = None
    bool_value: bool | None = None
    null_value: str | int | None = None


class FunctionCall(msgspec.Struct, rename="camel"):
    name: str | None = None
    id: str | None = None
    args: msgspec.Raw = NOTHING
    partial_args: list[PartialArg] | None = None
    will_continue: bool | None = None


class Blob(msgspec.Struct, rename="camel"):
    mime_type: str | None = None
    data: str | None = None


class Part(msgspec.Struct, rename="camel"):
    text: str | None = None
    thought: bool | None = None
    thought_signature: str | None = None
    function_call: FunctionCall | None = None
    inline_data: Blob | None = None
    executable_code: msgspec.Raw = NOTHING
    code_execution_result: msgspec.Raw = NOTHING
    tool_call: msgspec.Raw = NOTHING
    tool_response: msgspec.Raw = NOTHING


class Content(msgspec.Struct):
    parts: list[Part] | None = None


class Candidate(msgspec.Struct, rename="camel"):
    content: Content | None = None
    index: int | None = None
    finish_reason: str | int | None = None
    finish_message: str | None = None
    grounding_metadata: msgspec.Raw = NOTHING
    citation_metadata: msgspec.Raw = NOTHING
    logprobs_result: msgspec.Raw = NOTHING


class PromptFeedback(msgspec.Struct, rename="camel"):
    block_reason: str | int | None = None
    block_reason_message: str | None = None


class Response(msgspec.Struct, rename="camel"):
    candidates: list[Candidate] | None = None
    prompt_feedback: PromptFeedback | None = None
    usage_metadata: msgspec.Raw = NOTHING
    model_version: str | None = None
    response_id: str | None = None
    create_time: str | None = None
    error: msgspec.Raw = NOTHING


decode_response = msgspec.json.Decoder(Response).decode

# What a decoder of foreign bytes may raise; RecursionError for nesting meant to hurt.
DECODE_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def present(raw: msgspec.Raw) -> bytes:
    """The raw JSON text, or `b""` when the field was missing or null."""
    if not raw:
        return b""
    text = bytes(raw)
    return b"" if text == _NULL else text
