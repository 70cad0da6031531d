"""Upstream errors in OpenAI's shape, status before text; for error statuses and `error` events alike.

Source: Anthropic API reference, "Errors": `{"type":"error","error":{"type","message"},"request_id"}`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from llm_gateway.adapters.dialects.anthropic_messages.wire import BROKEN
from llm_gateway.adapters.provider_kit.retry_after import retry_after
from llm_gateway.domain.errors import UpstreamError, UpstreamRefused, UpstreamRejected

_NOTHING_RAN = frozenset({408, 409, 425, 429})
# The status that an error type stands for, where the type comes alone: in a stream or inside a 200.
_STATUS_BY_TYPE = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "conflict_error": 409,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
# OpenAI's `type` and `code` by status; other 4xx are invalid requests, other 5xx server errors.
_MEANING = {
    401: ("authentication_error", "invalid_api_key"),
    402: ("insufficient_quota", "insufficient_quota"),
    403: ("permission_error", "insufficient_permissions"),
    404: ("not_found_error", "not_found"),
    408: ("timeout_error", "upstream_timeout"),
    409: ("conflict_error", "conflict"),
    413: ("invalid_request_error", "request_too_large"),
    429: ("rate_limit_error", "rate_limit_exceeded"),
    503: ("overloaded_error", "overloaded"),
    504: ("timeout_error", "upstream_timeout"),
    529: ("overloaded_error", "overloaded"),
}
_CLIENT_ERROR = ("invalid_request_error", "invalid_request")
_SERVER_ERROR = ("server_error", "server_error")
_CONTEXT = ("invalid_request_error", "context_length_exceeded")
_QUOTA = ("insufficient_quota", "insufficient_quota")
# "prompt is too long: 208310 tokens > 200000 maximum"; "input length and `max_tokens` exceed context limit".
_TOO_LONG = re.compile(
    r"(?i)prompt is too long|exceeds? (?:the )?(?:model'?s )?context (?:limit|window|length)"
)
# "Your credit balance is too low …"; "You have reached your specified API usage limits."
_NO_CREDIT = re.compile(r"(?i)credit balance|usage limits?\b|spend(?:ing)? limit|billing")

_SECRET = re.compile(
    r"(?i)\b(?:sk|pk)[-_][\w\-*.]{6,}|\bbearer\s+\S{8,}|\b(?:x-api-key|authorization)\s*[:=]\s*\S+(?:\s+\S{8,})?"
)
_QUERY = re.compile(r"(https?://[^\s?\"']+)\?[^\s\"']*")
_TRACE = re.compile(r"(?ms)\s*Traceback \(most recent call last\).*|^\s+(?:at|File) [^\n]*$")
_LONGEST = 2000


class _Error(msgspec.Struct):
    type: str | None = None
    message: str | None = None


class _Body(msgspec.Struct):
    error: _Error | None = None


_decode_body = msgspec.json.Decoder(_Body).decode
_decode_error = msgspec.json.Decoder(_Error).decode


def read_failure(status: int, headers: Mapping[str, str], body: bytes) -> UpstreamError:
    """What an answer with `status` ≥ 400 means; a body that is not Anthropic's says nothing."""
    try:
        error = _decode_body(body).error
    except BROKEN:
        error = None
    return _failure(status, error or _Error(), retry_after(headers))


def event_failure(error: bytes | msgspec.Raw) -> UpstreamError:
    """What an error object inside a 200 means: its type stands for the status."""
    try:
        read = _decode_error(error)
    except BROKEN:
        read = _Error()
    return _failure(_STATUS_BY_TYPE.get(read.type or "", 500), read, None)


def clean(message: str) -> str:
    """The message without keys, URL queries, stack traces or anything past 2,000 characters."""
    message = _TRACE.sub("", message)
    return _QUERY.sub(r"\1", _SECRET.sub("[redacted]", message))[:_LONGEST]


def _failure(status: int, error: _Error, wait: float | None) -> UpstreamError:
    message = clean(error.message or "") or f"the provider answered {status}"
    error_type, code = _meaning(status, error.type, message)
    kind = UpstreamRejected if status in _NOTHING_RAN or status >= 500 else UpstreamRefused
    return kind(message, status=status, error_type=error_type, code=code, retry_after=wait)


def _meaning(status: int, error_type: str | None, message: str) -> tuple[str, str]:
    if status in (400, 413) and _TOO_LONG.search(message):
        return _CONTEXT
    if (status in (400, 403, 429) and _NO_CREDIT.search(message)) or error_type == "billing_error":
        return _QUOTA
    if status == 404 and message.startswith("model"):  # "model: claude-sonet-4-5"
        return "not_found_error", "model_not_found"
    return _MEANING.get(status) or (_SERVER_ERROR if status >= 500 else _CLIENT_ERROR)
