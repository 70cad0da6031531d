"""Upstream errors in OpenAI's shape, status before text; shared by answers, streams and error statuses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from llm_gateway.adapters.provider_kit.retry_after import retry_after
from llm_gateway.domain.errors import UpstreamError, UpstreamRefused, UpstreamRejected

NOTHING_RAN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_TYPE_BY_STATUS = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "insufficient_quota",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    413: "invalid_request_error",
    422: "invalid_request_error",
    429: "rate_limit_error",
    503: "overloaded_error",
    529: "overloaded_error",
}
_CODE_BY_STATUS = {
    401: "invalid_api_key",
    402: "insufficient_quota",
    403: "permission_denied",
    404: "not_found",
    413: "request_too_large",
    429: "rate_limit_exceeded",
    503: "overloaded",
    529: "overloaded",
}
_LONGEST_MESSAGE = 2000
# What OpenAI's words mean where they come without a status: inside a 200, or in a stream.
_STATUS_BY_WORD = {
    "invalid_api_key": 401,
    "model_not_found": 404,
    "context_length_exceeded": 400,
    "content_filter": 400,
    "insufficient_quota": 429,
    "rate_limit_exceeded": 429,
    "rate_limit_error": 429,
    "invalid_request_error": 400,
    "authentication_error": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "overloaded_error": 503,
}
# Upstreams echo (parts of) the key that they refuse: "Incorrect API key provided: sk-proj-****abcd".
_SECRET = re.compile(
    r"(?i)\b(?:sk|pk|gsk|csk|xai|pplx|fw|hf|tgp|key)[-_][\w\-*.]{4,}|\bbearer [\w\-*.]{4,}|\baiza[\w\-*]{8,}"
    r"|\beyJ[\w\-]{8,}\.[\w\-.]+|[\w\-]*\*{4,}[\w\-]*"
)
_QUERY = re.compile(r"(https?://[^\s?\"']+)\?[^\s\"']*")

# How servers without OpenAI's code word it: vLLM, Mistral, Together, llama.cpp.
_TOO_LONG = re.compile(
    r"(?i)maximum context length|context (?:length|window|size)[^.]* exceed"
    r"|exceeds?[^.]* context (?:length|window|size)|prompt is too long|with \d+ maximum context"
)

_decode = msgspec.json.Decoder().decode


def read_failure(status: int, headers: Mapping[str, str], body: bytes) -> UpstreamError:
    """The error that an answer with `status` ≥ 400 (or an error object inside a 200) means."""
    return failure_from(status, _error_object(body), retry_after(headers))


def failure_from(status: int, error: Any, wait: float | None = None) -> UpstreamError:
    """`error` is whatever stood under `error`: an object by the book, a string or None in the wild."""
    fields: dict[str, Any] = error if isinstance(error, dict) else {"message": error}
    status = _effective_status(status, fields)
    message = _message(fields)
    kind = UpstreamRejected if status in NOTHING_RAN or status >= 500 else UpstreamRefused
    return kind(
        clean(message or f"the upstream answered {status}"),
        status=status,
        error_type=_text(fields.get("type")) or _TYPE_BY_STATUS.get(status, "upstream_error"),
        code=_code(status, fields.get("code"), message),
        param=_text(fields.get("param")),
        retry_after=wait,
    )


def _code(status: int, code: Any, message: str) -> str:
    """The upstream's word; where it has none, or only repeats the status, OpenAI's for the case."""
    if (said := _text(code)) and said != str(status):
        return said
    if status in (400, 413, 422) and _TOO_LONG.search(message[:_LONGEST_MESSAGE]):
        return "context_length_exceeded"
    return _CODE_BY_STATUS.get(status, "upstream_error")


def _message(fields: Mapping[str, Any]) -> str:
    """A text, or what a validating server (FastAPI, Mistral) lists under `detail`: places and complaints."""
    message = fields.get("message")
    if isinstance(message, str):
        return message
    detail = message.get("detail") if isinstance(message, dict) else fields.get("detail")
    if isinstance(detail, str):
        return detail
    complaints = [entry for entry in detail if isinstance(entry, dict)] if isinstance(detail, list) else []
    return "; ".join(f"{_place(entry.get('loc'))}{_text(entry.get('msg')) or ''}" for entry in complaints[:5])


def _place(location: Any) -> str:
    names = [str(name) for name in location if name != "body"] if isinstance(location, list) else []
    return f"{'.'.join(names)}: " if names else ""


def clean(message: str) -> str:
    """The message without keys, URL queries or anything past 2,000 characters."""
    return _QUERY.sub(r"\1", _SECRET.sub("[redacted]", message))[:_LONGEST_MESSAGE]


def _effective_status(status: int, fields: Mapping[str, Any]) -> int:
    """A 200 that carries an error object says its real status inside, or is taken as a 502."""
    if status >= 400:
        return status
    for name in ("status_code", "status", "code"):
        value = fields.get(name)
        if isinstance(value, int | str) and str(value).isdecimal() and 400 <= int(value) < 600:
            return int(value)
    for name in ("code", "type"):
        if meant := _STATUS_BY_WORD.get(_text(fields.get(name)) or ""):
            return meant
    return 502


def _error_object(body: bytes) -> Any:
    try:
        document = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None  # an HTML page of some proxy: its text helps nobody and may hold anything
    if isinstance(document, list) and document:
        document = document[0]
    if not isinstance(document, dict):
        return None
    error = document.get("error")
    if isinstance(error, dict):
        return error
    if isinstance(error, str) and error:
        return {**document, "message": document.get("message") or error, "code": document.get("code") or None}
    return document


def _text(value: Any) -> str | None:
    if isinstance(value, str) and value:
        return clean(value)[:200]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None
